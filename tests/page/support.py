"""What the tests of the page share: one browser, the lean files, one mock."""

import contextlib
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


class BrowserCase(unittest.TestCase):
    """One browser for all tests; what can be said of a page in it."""

    browser = None  # set by run()

    def open_page(self, url, **options):
        """The page of a sidecar, with its figures in it, five times as quick."""
        page = self.browser.open(url, script="timers.js", **options)
        self.addCleanup(page.close)
        page.wait(READY)
        return page

    def next_report(self, page):
        """Until the page shows what was asked for after this call."""
        asked = page.count_of("/performance/metrics")
        page.wait_until(lambda: page.count_of("/performance/metrics") >= asked + 2, "two more reports")

    def assert_clean(self, page):
        self.assertEqual(page.problems, [])
        elsewhere = [url for url in page.urls if not url.startswith((page.home, "about:"))]
        self.assertEqual(elsewhere, [], "asked of another host")

    def assert_fits(self, page):
        width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        self.assertLessEqual(width, room, "wider than the window")

    def assert_readable(self, page):
        found = page.evaluate((HERE / "contrast.js").read_text())
        self.assertGreater(found["seen"], 10)
        self.assertEqual(found["bad"], [])

    def assert_shows(self, page, *texts, selector="body"):
        """Each text stands there, whatever breaks the lines in it; a row that has just
        been made has none before its first frame."""
        def missing():
            shown = " ".join(page.text(selector).split())
            return [(text, shown) for text in texts if text not in shown]
        with contextlib.suppress(TimeoutError):
            page.wait_until(lambda: not missing(), "the texts")
        for text, shown in missing():
            self.assertIn(text, shown)

    def assert_hides(self, page, *texts):
        shown = " ".join(page.text().split())
        for text in texts:
            self.assertNotIn(text, shown)

    def assert_good_everywhere(self, page):
        """Wide and narrow, light and dark: it fits, and can be read."""
        for width in (WIDE, NARROW):
            page.resize(width, 900)
            for dark in (False, True):
                page.media(dark)
                with self.subTest(width=width, dark=dark):
                    self.assert_fits(page)
                    self.assert_readable(page)


class PageCase(BrowserCase):
    """A mock sidecar for each test."""

    files = None  # set by run()

    def setUp(self):
        self.mock = MockSidecar(files=self.files).start()
        self.addCleanup(lambda: self.mock.running and self.mock.stop())

    def open(self, state, **options):
        """The page with a state's figures in it."""
        self.mock.state = state
        return self.open_page(self.mock.url, **options)

    def turn_to(self, page, state):
        """Changes the state, and waits until the page has seen it."""
        self.mock.state = state
        self.next_report(page)

def run(argv=None):
    """Runs the caller's tests with unittest's words; without a browser says so, and fails in CI."""
    if find_chromium() is None:
        print("*" * 70 + "\n  THE PAGE WAS NOT TESTED: there is no Chromium here.\n"
              "  `apt install chromium`, or `make test`, which does.\n" + "*" * 70)
        sys.exit(1 if os.environ.get("CI") else SKIPPED)
    with tempfile.TemporaryDirectory(prefix="outrigger-page-") as folder:
        PageCase.files = lean_files(folder)
        BrowserCase.browser = Browser(find_chromium())
        try:
            unittest.main(verbosity=2, argv=argv)
        finally:
            BrowserCase.browser.close()


def quoted(text):
    return json.dumps(text)
