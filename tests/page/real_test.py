#!/usr/bin/env python3
"""The page of the real program in a real browser: real_test.py PROGRAM"""

import collections
import sys
import urllib.request

from real_sidecar import RealSidecar
from support import WIDE, BrowserCase, run

PROGRAM = sys.argv[1]
LIMITS = [
    {"name": "plenty", "rate": "1000000/1s"},
    {"name": "scarce", "rate": "100/1h"},
    {"name": "watched", "rate": "50/1h", "shadow": True},
]
# A finding comes at once.
QUICK = {"analyser": {"window": "10s", "raise_after": 1, "degraded": 0.01}}

# Reads the numbers; those of several moments by walking back with the keys.
READ = """((moments) => {
  const svg = document.querySelector('.chart.tall svg');
  const press = (key) => svg.dispatchEvent(new KeyboardEvent('keydown', {key}));
  const read = () => [
    ...[...document.querySelectorAll('.limit:not(.heads)')].flatMap((row) =>
        [...row.querySelectorAll('.cell')].map((x) =>
            [row.querySelector('h3').title, x.firstChild.textContent, x.lastChild.textContent])),
    ...[...document.querySelector('.legend').children].map((x) =>
        ['all', x.children[1].textContent, x.lastChild.textContent])];
  if (moments === 1) return read();
  press('ArrowLeft');
  press('ArrowRight');
  const all = [];
  for (let i = 0; i < moments; ++i) {
    all.push(...read());
    press('ArrowLeft');
  }
  press('Escape');
  return all;
})(%d)"""


class RealPage(BrowserCase):
    def start(self, limits, **more):
        sidecar = RealSidecar(PROGRAM, limits, **more)
        self.addCleanup(sidecar.close)
        return sidecar, self.open_page(sidecar.url, height=2400)  # all is on the screen, and so has text

    def read(self, page, moments=1):
        """What the page shows: {(part, label): number}, of each limit and in all;
        of so many moments, newest first, the sums."""
        sums = collections.Counter()
        for part, label, text in page.evaluate(READ % moments):
            sums[part, label] += number(text)
        return sums

    def last_minute(self, page):
        page.resize(WIDE, 2000)  # a chart that is not seen shows no moment
        page.wait("document.querySelectorAll('.limit .line[d]').length === 6")
        return self.read(page, 60)


def number(text):
    """"1.2 k/s" is 1,200; a dash, or no text yet, is nothing."""
    value, _, unit = text.partition("\u00a0")
    return 0 if value in ("–", "") else float(value.lstrip("<")) * (1000 if unit.startswith("k") else 1)


class Empty(RealPage):
    def test_it_says_what_to_do_and_then_no_more(self):
        sidecar, page = self.start([])
        self.assert_shows(page, "There are no limits yet", "Nobody has called yet", "1 pod")
        self.assert_hides(page, "Limits", "Redis", "Findings", "No news")
        self.assert_good_everywhere(page)
        command = page.text(".step:last-child pre").split()
        self.assertEqual(command[:2], ["outrigger", "allow"])
        sidecar.run(*command[1:])
        page.wait("document.querySelector('.step:last-child').hidden")
        self.assert_shows(page, "RateLimiter/Allow", selector="#methods")
        self.assert_clean(page)


class Busy(RealPage):
    # How often each was asked, and how often it said yes and no: what a shadow
    # would have denied is neither.
    ASKED = {"plenty": (300, 300, 0), "scarce": (400, 100, 300), "watched": (80, 50, 0)}

    def test_its_numbers_are_what_was_asked(self):
        sidecar, page = self.start(LIMITS, redis=True)
        for limit, (asked, _, denied) in self.ASKED.items():
            self.assertEqual(sidecar.ask(limit, asked), asked - denied)
        # Three of four; but where a look comes in between, late, not quite.
        page.wait_until(lambda: 60 < self.read(page)["scarce", "share denied"] < 85, "what was denied")
        page.wait_until(lambda: "shadow: would deny" in page.text("#limits"), "what was not denied")
        self.assert_shows(page, "RateLimiter/AllowMany", selector="#methods")
        self.assert_shows(page, "commands", "p99", selector="#redis")
        self.assert_hides(page, "Degraded", "Nobody has called", "There are no limits")
        self.assert_good_everywhere(page)

        sidecar.look_again()
        self.next_report(page)
        page.evaluate("document.querySelector('header button').click()")  # Pause
        sums = self.last_minute(page)
        for limit, (_, admitted, denied) in [*self.ASKED.items(), ("all", (780, 450, 300))]:
            self.assert_about(sums[limit, "admitted"], admitted)
            self.assert_about(sums[limit, "denied"], denied)
        self.assert_clean(page)

    def assert_about(self, shown, count):
        """A look that came late by less than half a second counts as one second,
        and its numbers are a rate: the sum is short by up to a third, or as much
        too long where it counts as two."""
        self.assertGreaterEqual(shown, count * 0.66)
        self.assertLessEqual(shown, count * 1.34)


class Degraded(RealPage):
    def test_it_says_so_until_redis_is_back(self):
        sidecar, page = self.start(LIMITS, redis=True, **QUICK)
        banner = "Degraded: deciding without Redis."

        def wait_for(text, selector, there=True):
            """While calls go on."""
            def seen():
                sidecar.ask("plenty", 40)
                return (text in page.text(selector)) == there
            page.wait_until(seen, f"{text}: {there}")

        sidecar.redis.stop()
        wait_for(banner, ".alerts")
        wait_for("The fleet's store is out of reach", "#findings")
        self.assert_shows(page, "What to do", selector="#findings")
        wait_for("disconnected", "#redis")
        wait_for("degraded", "#limits")
        self.assert_good_everywhere(page)
        sidecar.redis.start()
        wait_for(banner, ".alerts", there=False)
        self.assert_clean(page)


class Links(RealPage):
    def test_each_leads_somewhere(self):
        sidecar, page = self.start(LIMITS)
        links = page.evaluate("[...document.querySelectorAll('footer a')].map((x) => x.href)")
        self.assertGreater(len(links), 4)
        for link in links:
            with urllib.request.urlopen(link) as answer:
                self.assertEqual(answer.status, 200, link)
                self.assertTrue(answer.read(), link)


if __name__ == "__main__":
    run(sys.argv[:1])
