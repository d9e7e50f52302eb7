"""What the tests of the page share: the lean files, one browser, one mock."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from browser import Browser, find_chromium
from mock_sidecar import ROOT, SOURCE, MockSidecar

HERE = pathlib.Path(__file__).resolve().parent
WIDE, NARROW = 1280, 360
SKIPPED = 77  # ctest's word for a test that did not run
READY = "document.body.dataset.ready === 'yes'"


def lean_files(folder):
    """The page as the program has it: made by the build's own script."""
    subprocess.run(["cmake", f"-DSOURCE={SOURCE}", f"-DLEAN={folder}", "-P", ROOT / "cmake" / "embed_files.cmake"],
                   check=True)
    return pathlib.Path(folder)


class PageCase(unittest.TestCase):
    """A mock sidecar for each test; one browser for all of them."""

    files = None  # both set by run()
    browser = None

    def setUp(self):
        self.mock = MockSidecar(files=self.files).start()
        self.addCleanup(lambda: self.mock.running and self.mock.stop())

    def open(self, state, **options):
        """The page with a state's figures in it."""
        self.mock.state = state
        page = self.browser.open(self.mock.url, script="timers.js", **options)
        self.addCleanup(page.close)
        page.wait(READY)
        return page

    def turn_to(self, page, state):
        """Changes the state, and waits until the page has seen it."""
        self.mock.state = state
        self.next_report(page)

    def next_report(self, page):
        """Until the page shows what was asked for after this call."""
        asked = page.count_of("/performance/metrics")
        page.wait_until(lambda: page.count_of("/performance/metrics") >= asked + 2, "two more reports")

    def assert_clean(self, page):
        self.assertEqual(page.problems, [])
        elsewhere = [url for url in page.urls if not url.startswith((self.mock.url, "about:"))]
        self.assertEqual(elsewhere, [], "asked of another host")

    def assert_fits(self, page):
        width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        self.assertLessEqual(width, room, "wider than the window")

    def assert_readable(self, page):
        found = page.evaluate((HERE / "contrast.js").read_text())
        self.assertGreater(found["seen"], 10)
        self.assertEqual(found["bad"], [])

    def assert_shows(self, page, *texts, selector="body"):
        """Each text stands there, whatever breaks the lines in it."""
        shown = " ".join(page.text(selector).split())
        for text in texts:
            self.assertIn(text, shown)

    def assert_hides(self, page, *texts):
        shown = " ".join(page.text().split())
        for text in texts:
            self.assertNotIn(text, shown)


def run():
    """Runs the caller's tests; without a browser says so, and fails in CI."""
    if find_chromium() is None:
        print("*" * 70 + "\n  THE PAGE WAS NOT TESTED: there is no Chromium here.\n"
              "  `apt install chromium`, or `make test`, which does.\n" + "*" * 70)
        sys.exit(1 if os.environ.get("CI") else SKIPPED)
    with tempfile.TemporaryDirectory(prefix="outrigger-page-") as folder:
        PageCase.files = lean_files(folder)
        PageCase.browser = Browser(find_chromium())
        try:
            unittest.main(verbosity=2)
        finally:
            PageCase.browser.close()


def quoted(text):
    return json.dumps(text)
