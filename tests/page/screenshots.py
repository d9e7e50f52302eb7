#!/usr/bin/env python3
"""Makes the README's pictures of the page anew:

    tests/page/screenshots.py                                   from the mock sidecar
    tests/page/screenshots.py --program PATH --load BENCH_LOAD  from the real one,
        under some minutes' load, and then without its Redis

Needs chromium, and pngquant to make the files small."""

import argparse
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import time

from browser import Browser, find_chromium
from mock_sidecar import ROOT, MockSidecar
from real_sidecar import RealSidecar
from support import READY, lean_files
from traffic import LIMITS, Traffic

# name: state, width, height, dark, pixels for one of CSS
PICTURES = {
    "page-empty": ("empty", 1200, 480, False, 1),
    "page-busy": ("busy", 1200, 1200, False, 1),
    "page-narrow": ("busy", 390, 1120, False, 1.5),
    "page-degraded": ("degraded", 1200, 1320, True, 1),
}
MOST_BYTES = 150_000
# For how long Redis is gone when a picture is taken.
GONE_S = 75


def take(browser, url, name, folder):
    state, width, height, dark, scale = PICTURES[name]
    page = browser.open(url, width=width, height=height, dark=dark, scale=scale)
    page.wait(READY)
    if state != "empty":
        page.wait("[...document.querySelectorAll('.chart:not([hidden] *) .line')].some((x) => x.hasAttribute('d'))")
    page.frame()
    (folder / f"{name}.png").write_bytes(page.screenshot(whole=False))
    page.close()


def make_small(path):
    subprocess.run(["pngquant", "--force", "--strip", "--speed", "1", "--output", path, "128", path], check=True)
    size = path.stat().st_size
    print(f"{path.name}: {size} bytes")
    if size > MOST_BYTES:
        sys.exit(f"{path.name} is larger than {MOST_BYTES} bytes")


def of(state):
    return [name for name, picture in PICTURES.items() if picture[0] == state]


def of_mock(browser, folder):
    with tempfile.TemporaryDirectory() as files:
        mock = MockSidecar(files=lean_files(files)).start()
        for name, (state, *_) in PICTURES.items():
            mock.state = state
            mock.steps = 0
            take(browser, mock.url, name, folder)
        mock.stop()


def of_program(browser, folder, args):
    named = {"telemetry": {"service_name": "checkout"}}
    with contextlib.closing(RealSidecar(args.program, [], **named)) as sidecar:
        for name in of("empty"):
            take(browser, sidecar.url, name, folder)
    with contextlib.ExitStack() as stack:
        sidecar = stack.enter_context(contextlib.closing(RealSidecar(args.program, LIMITS, redis=True, **named)))
        stack.callback(Traffic(args.load, sidecar).stop)
        time.sleep(args.seconds)
        for name in of("busy"):
            take(browser, sidecar.url, name, folder)
        sidecar.redis.stop()
        time.sleep(GONE_S)
        for name in of("degraded"):
            take(browser, sidecar.url, name, folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=ROOT / "deploy" / "images")
    parser.add_argument("--program", help="outrigger")
    parser.add_argument("--load", help="bench_load; see tests/bench")
    parser.add_argument("--seconds", type=float, default=270, help="of load before the pictures; default: 270")
    args = parser.parse_args()
    if (args.program is None) != (args.load is None):
        parser.error("--program and --load go together")
    args.folder.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(Browser(find_chromium())) as browser:
        if args.program:
            of_program(browser, args.folder, args)
        else:
            of_mock(browser, args.folder)
    for name in PICTURES:  # not before: it takes the time of what is looked at
        make_small(args.folder / f"{name}.png")


if __name__ == "__main__":
    main()
