"""A run as a picture: sales and acknowledgements a second above, how long the fleet took below, kills as marks. SVG."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from sim.swarm.score import Score

WIDTH, HEIGHT, LEFT, TOP, GAP = 900, 530, 64, 58, 54
PLOT_W, PLOT_H = WIDTH - LEFT - 24, (HEIGHT - TOP - 2 * GAP) // 2
INK, GRID, SOLD, KNOWN, SLOW, KILL = "#2b2b2b", "#d9d4c7", "#b9b2a0", "#1f6f5c", "#c2571a", "#a11d33"
STEPS = 4


def svg(score: Score, title: str) -> str:
    """The picture, in seconds from the first sale."""
    if not score.sold:
        return ""
    start = min(score.sold.values())
    seconds = int(max([*score.sold.values(), *score.known.values()]) - start) + 1
    sold, known = [0] * seconds, [0] * seconds
    delays: list[list[float]] = [[] for _ in range(seconds)]
    for at in score.sold.values():
        sold[int(at - start)] += 1
    for sale, at in score.known.items():
        known[int(at - start)] += 1
        delays[int(at - start)].append((at - score.sold[sale]) * 1000)
    half = [share(row, 50) for row in delays]
    worst = [share(row, 99) for row in delays]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbf9f3"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="bold" fill="{INK}">{escape(title)}</text>',
    ]
    parts += panel(TOP, "sales a second", [("sold", SOLD, sold), ("in the ledger", KNOWN, known)])
    parts += panel(TOP + PLOT_H + GAP, "from sale to ledger, ms", [("p50", KNOWN, half), ("p99", SLOW, worst)])
    for at, what in score.killed:
        x = LEFT + PLOT_W * (at - start) / seconds
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - GAP}" stroke="{KILL}" stroke-dasharray="4 3"/>')
        parts.append(f'<text x="{x + 4:.1f}" y="{TOP + 12}" fill="{KILL}">kill -9 {escape(what)}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - GAP + 34}" fill="{INK}">0 s</text>')
    parts.append(f'<text x="{LEFT + PLOT_W}" y="{HEIGHT - GAP + 34}" fill="{INK}" text-anchor="end">{seconds} s</text></svg>')
    return "\n".join(parts)


def share(row: list[float], percent: int) -> float:
    """A percentile; 0 of nothing."""
    return sorted(row)[min(len(row) - 1, len(row) * percent // 100)] if row else 0.0


def panel(top: int, name: str, lines: "list[tuple[str, str, Sequence[float]]]") -> list[str]:
    """Axes, and a line each: (name, colour, a value a second)."""
    most = max([1.0, *(value for _, _, values in lines for value in values)])
    scale = nice(most)
    parts = [f'<text x="{LEFT}" y="{top - 8}" fill="{INK}">{name}</text>']
    for step in range(STEPS + 1):
        y = top + PLOT_H - PLOT_H * step / STEPS
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + PLOT_W}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" fill="{INK}" text-anchor="end">{scale * step / STEPS:g}</text>')
    for i, (label, colour, values) in enumerate(lines):
        dots = " ".join(
            f"{LEFT + PLOT_W * (at + 0.5) / len(values):.1f},{top + PLOT_H - PLOT_H * value / scale:.1f}"
            for at, value in enumerate(values)
        )
        parts.append(f'<polyline points="{dots}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{LEFT + PLOT_W - 110 * i}" y="{top - 8}" fill="{colour}" text-anchor="end">{label}</text>')
    return parts


def nice(most: float) -> float:
    """The next number of 1, 2, 4, 8 times a power of ten: its quarters are round."""
    step = 1.0
    while True:
        for times in (1, 2, 4, 8):
            if step * times >= most:
                return step * times
        step *= 10
