#!/usr/bin/env python3
"""Makes the README's pictures of the page anew, from the mock sidecar:

    tests/page/screenshots.py [FOLDER]      default: deploy/images

Needs chromium, and pngquant to make the files small."""

import pathlib
import subprocess
import sys
import tempfile

from browser import Browser, find_chromium
from mock_sidecar import ROOT, MockSidecar
from support import READY, lean_files

# name: state, width, height, dark, pixels for one of CSS
PICTURES = {
    "page-busy": ("busy", 1200, 1200, False, 1),
    "page-degraded": ("degraded", 1200, 1320, True, 1),
    "page-narrow": ("busy", 390, 1120, False, 1.5),
    "page-empty": ("empty", 1200, 480, False, 1),
}
MOST_BYTES = 150_000


def take(browser, mock, name, folder):
    state, width, height, dark, scale = PICTURES[name]
    mock.state = state
    mock.steps = 0
    page = browser.open(mock.url, width=width, height=height, dark=dark, scale=scale)
    page.wait(READY)
    if state != "empty":
        page.wait("[...document.querySelectorAll('.chart:not([hidden] *) .line')].some((x) => x.hasAttribute('d'))")
    page.frame()
    path = folder / f"{name}.png"
    path.write_bytes(page.screenshot(whole=False))
    page.close()
    subprocess.run(["pngquant", "--force", "--strip", "--speed", "1", "--output", path, "128", path], check=True)
    size = path.stat().st_size
    print(f"{path.name}: {size} bytes")
    if size > MOST_BYTES:
        sys.exit(f"{path.name} is larger than {MOST_BYTES} bytes")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "deploy" / "images")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as files:
        mock = MockSidecar(files=lean_files(files)).start()
        browser = Browser(find_chromium())
        try:
            for name in PICTURES:
                take(browser, mock, name, folder)
        finally:
            browser.close()
            mock.stop()


if __name__ == "__main__":
    main()
