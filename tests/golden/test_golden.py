"""Every golden picture is as it was, none is left over, and the comparison itself can fail."""

from PIL import Image

from sim.golden import Golden
from tests.golden import book


def test_every_picture_is_the_golden_one(pages):
    wrong = [f"{p.script}/{p.lang}/{name}: {state}" for p in pages for name, (_, state) in p.seen.items() if state != "same"]
    assert not wrong, f"look at out/gallery.html: {wrong}"
    assert not [page.why for page in pages if page.why]


def test_both_languages_show_the_same_pictures(pages):
    shown = {(page.script, page.lang): sorted(page.seen) for page in pages}
    assert all(shown[script, "en"] == shown[script, "zh"] for script, _ in shown)


def test_no_golden_picture_is_left_over(pages):
    assert book.unused(pages) == []


def test_one_wrong_dot_is_seen_and_nothing_is_accepted_in_ci(tmp_path, monkeypatch):
    golden = Golden(tmp_path, accept=True) if not monkeypatch.delenv("CI", raising=False) else None
    picture = Image.new("1", (128, 64))
    assert golden.compare_image("x", picture) == "" and (tmp_path / "x.png").exists()
    picture.putpixel((127, 63), 1)
    assert "has changed" in Golden(tmp_path).compare_image("x", picture)
    monkeypatch.setenv("CI", "true")
    assert "has changed" in Golden(tmp_path, accept=True).compare_image("x", picture)
    assert "no golden picture" in Golden(tmp_path, accept=True).compare_image("y", picture)
