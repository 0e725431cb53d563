"""The tests that cannot run under qemu-user, each with the reason: a file, or one test of it. All the others run."""

LEFT_OUT = {
    "tests/flows/test_page.py": "drives Chromium, which is too slow under qemu-user; the page is the bench's, not a Pi's",
}
