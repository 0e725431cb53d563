"""out/gallery.html: every golden picture in both languages, the changed ones first: golden, now, and what is new or gone."""

import base64
import html
import io
from pathlib import Path

from PIL import Image, ImageChops

from tests.golden.book import FOLDER, Page

STYLE = """
body{font:14px/1.5 Inter,Helvetica,Arial,"Noto Sans CJK SC",sans-serif;background:#ebe7de;color:#24211c;margin:28px}
h1{font-size:22px}h2{font-size:15px;margin:28px 0 10px}.grid{display:flex;flex-wrap:wrap;gap:14px;align-items:flex-start}
figure{margin:0;background:#fbf9f4;border:1px solid #d5cfc2;border-radius:10px;padding:9px}
figure.changed,figure.new{border:2px solid #d5382c;background:#fff1ef}
figcaption{font-size:12px;color:#6d665a;margin-top:6px}figcaption b{color:#24211c}
img{display:block;image-rendering:pixelated;border-radius:3px}.three{display:flex;gap:10px}.three img{margin:0}
"""


def write(pages: "list[Page]", out: Path) -> Path:
    """The gallery of these pages; where it stands."""
    shots = [(page, name, image, state) for page in pages for name, (image, state) in page.seen.items()]
    wrong = [shot for shot in shots if shot[3] in ("changed", "new")]
    parts = [f"<h1>Golden pictures: {len(wrong)} changed, {len(shots) - len(wrong)} same</h1>"]
    if wrong:
        parts.append("<p>Look, then accept: <code>make golden-accept F=SCRIPT</code></p><div class=grid>")
        parts += [figure(*shot) for shot in wrong]
        parts.append("</div>")
    for lang, title in (("en", "English"), ("zh", "中文")):
        for kind, heading in ((False, "panel"), (True, "paper")):
            mine = [s for s in shots if s[0].lang == lang and s[1].startswith("slip-") == kind and s not in wrong]
            parts.append(f"<h2>{title} · {heading}</h2><div class=grid>{''.join(figure(*shot) for shot in mine)}</div>")
    out.mkdir(parents=True, exist_ok=True)
    path = out / "gallery.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><title>Barrow gallery</title><style>{STYLE}</style>{''.join(parts)}")
    return path


def figure(page: Page, name: str, image: Image.Image, state: str) -> str:
    golden = FOLDER / page.script / page.lang / f"{name}.png"
    images = [image]
    if state == "changed":
        with Image.open(golden) as before:
            images = [before.convert("1"), image, difference(before.convert("1"), image)]
    pictures = "".join(picture(each) for each in images)
    caption = f"<b>{html.escape(name)}</b> {html.escape(page.script)} {page.lang} {state if state != 'same' else ''}"
    return f"<figure class={state}><div class=three>{pictures}</div><figcaption>{caption}</figcaption></figure>"


def difference(before: Image.Image, now: Image.Image) -> Image.Image:
    """Red is gone, green is new, grey stands."""
    size = (max(before.width, now.width), max(before.height, now.height))
    a, b = (Image.new("L", size) for _ in range(2))
    a.paste(before.convert("L"))
    b.paste(now.convert("L"))
    both = ImageChops.darker(a, b).point(lambda v: v // 3)
    return Image.merge(
        "RGB", (ImageChops.lighter(both, ImageChops.subtract(a, b)), ImageChops.lighter(both, ImageChops.subtract(b, a)), both)
    )


def picture(image: Image.Image) -> str:
    data = io.BytesIO()
    image.save(data, "PNG")
    scale = 0.6 if image.width > 256 else 2  # paper, or a panel
    source = base64.b64encode(data.getvalue()).decode()
    return f'<img width={int(image.width * scale)} src="data:image/png;base64,{source}">'
