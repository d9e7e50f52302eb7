#!/usr/bin/env python3
"""The page in a real browser, against a mock sidecar in every state."""

import re
import unittest

from support import NARROW, READY, WIDE, PageCase, quoted, run

MOST_BYTES = 60 * 1024


class Files(PageCase):
    def test_are_small_and_load_nothing_from_elsewhere(self):
        files = [path for path in self.files.rglob("*") if path.is_file()]
        self.assertLessEqual(sum(path.stat().st_size for path in files), MOST_BYTES)
        for path in files:
            elsewhere = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text())
            self.assertLessEqual(set(elsewhere), {"http://www.w3.org"}, path)

    def test_the_browser_tells_what_the_policy_refuses(self):
        # Else the tests below would see no violation because nobody says so.
        page = self.open("busy")
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
        page.wait("true")
        self.assertTrue(any("Content Security Policy" in problem for problem in page.problems), page.problems)


class States(PageCase):
    def look_everywhere(self, page):
        self.assert_good_everywhere(page)
        self.assert_clean(page)

    def test_empty_says_what_to_do_next(self):
        page = self.open("empty")
        self.assert_shows(page, "checkout", "outrigger 0.1.0", "1 pod", "There are no limits yet",
                          "outrigger allow user=42")
        # What has no data is absent.
        self.assert_hides(page, "Limits", "Breakers", "Pools", "Caches", "Methods", "Redis", "Decisions", "Findings",
                          "Health checks")
        self.look_everywhere(page)

    def test_busy_shows_all_parts(self):
        page = self.open("busy")
        self.assert_shows(page, "up 26 h", "12 pods", "healthy", "live")
        self.assert_shows(page, "per_user", "98.7 % decided here", "shadow: would deny 12.3 /s", selector="#limits")
        self.assert_shows(page, "12 of 20 in use", "nobody waits", selector="#pools")
        self.assert_shows(page, "payments", "closed for 2 min", selector="#breakers")
        self.assert_shows(page, "products", "stale 38 /s", selector="#caches")
        self.assert_shows(page, "RateLimiter/Allow", "p99 1.3 ms", selector="#methods")
        self.assert_shows(page, "EVALSHA lease", "61 /s", selector="#redis")
        self.assert_shows(page, "at most 50 ms", selector="#health")
        self.assert_hides(page, "Degraded", "Findings", "There are no limits yet", "Telemetry lost")
        self.assertEqual(page.evaluate("document.title"), "A · checkout")
        self.look_everywhere(page)

    def test_degraded_says_what_it_means_and_what_was_found(self):
        page = self.open("degraded")
        self.assert_shows(page, "deciding without Redis", "Look at: whether Redis answers", selector=".alerts")
        self.assert_shows(page, "critical", "The fleet's store is out of reach", "What to do", "for 70 s", "value 7.2 %",
                          "threshold 5 %", "usual mean 1.1 ms", "value 2.9 ×", "usual 600 µs", selector="#findings")
        severities = page.evaluate("[...document.querySelectorAll('.finding')].map((x) => x.dataset.severity)")
        self.assertEqual(severities, ["critical", "warning", "warning", "info"])
        self.assert_shows(page, "open for 15 s", "rejects 88.4 /s", selector="#breakers")
        self.assert_shows(page, "17 waiting", "full", selector="#pools")
        self.assert_shows(page, "timeout", "1.6 /s", selector="#redis")
        self.assert_shows(page, "slow: usually", selector="#methods")
        self.assert_shows(page, "D", "in trouble", selector="header")
        self.look_everywhere(page)

    def test_gaps_and_wrong_kinds_break_nothing(self):
        page = self.open("gaps")
        self.assert_shows(page, "bare", "<b>bold</b>", "thinking", "4 in use", "no_results", "Only a title")
        self.next_report(page)
        self.look_everywhere(page)

    def test_states_follow_each_other(self):
        page = self.open("empty")
        for state in ("busy", "degraded", "gaps", "many", "empty"):
            self.turn_to(page, state)
        page.wait("!document.querySelector('#limits .limit:not(.heads)')")
        self.assert_shows(page, "There are no limits yet")
        self.assert_hides(page, "Limits", "Degraded")
        self.assert_clean(page)


class ManyLimits(PageCase):
    ROWS = "document.querySelectorAll('#limits .limit:not(.heads)').length"

    def test_only_a_few_are_shown_until_more_are_asked_for(self):
        page = self.open("many")
        self.assertEqual(page.evaluate(self.ROWS), 20)
        self.assert_shows(page, "41 quieter limits are not listed", "Show all 300 limits")
        for width in (WIDE, NARROW):
            page.resize(width, 900)
            page.evaluate("document.querySelector('#limits .more').click()")
            page.wait(self.ROWS + " === 300")
            self.next_report(page)
            self.assert_fits(page)
            # What is not on the screen is not drawn, which is what keeps it smooth.
            page.wait("document.querySelectorAll('#limits .line[d]').length > 0")
            self.assertLess(page.evaluate("document.querySelectorAll('#limits .line[d]').length"), 2 * 60)
            self.assertLess(page.evaluate("document.querySelectorAll('*').length"), 12_000)
            page.evaluate("document.querySelector('#limits .more').click()")
            page.wait(self.ROWS + " === 20")
        self.assert_clean(page)

    def test_what_comes_on_the_screen_is_drawn(self):
        page = self.open("many")
        page.evaluate("document.querySelector('#limits .more').click()")
        last = "[...document.querySelectorAll('#limits .limit')].at(-1)"
        page.wait(self.ROWS + " === 300")
        page.evaluate(f"{last}.scrollIntoView()")
        page.wait(f"{last}.querySelector('.line').getAttribute('d')?.length > 50")

    def test_find_and_order(self):
        page = self.open("many")
        page.evaluate("document.querySelector('input').focus()")
        page.type("service_29")
        page.wait(self.ROWS + " === 10")
        self.assert_shows(page, "10 of 300 limits match", selector="#limits")
        page.evaluate("{ const s = document.querySelector('select'); s.value = 'most used';"
                      " s.dispatchEvent(new Event('change')); }")
        shown = page.evaluate("[...document.querySelectorAll('.limit [aria-label=\"burst used\"]')]"
                              ".map((x) => Number(x.ariaValueNow))")
        self.assertEqual(shown, sorted(shown, reverse=True))


    def test_the_worst_findings_come_first_and_the_rest_when_asked_for(self):
        page = self.open("many")
        cards = "document.querySelectorAll('.finding').length"
        self.assertEqual(page.evaluate(cards), 6)
        self.assert_shows(page, "Limit 0 turns away", selector=".finding")
        page.evaluate("document.querySelector('#findings .more').click()")
        self.assertEqual(page.evaluate(cards), 14)
        self.next_report(page)
        self.assertEqual(page.evaluate(cards), 14)
        self.assert_clean(page)


class Moments(PageCase):
    def test_pointing_shows_one_moment_everywhere(self):
        page = self.open("degraded", height=3000)
        left, top, width, height = page.evaluate(
            "(({left, top, width, height}) => [left, top, width, height])"
            "(document.querySelector('.chart.tall').getBoundingClientRect())")
        page.move_mouse(left + width * 0.6, top + height / 2)
        page.wait("document.querySelectorAll('.panel .when:not(:empty), .tile .when:not(:empty)').length > 8")
        moments = page.evaluate("[...document.querySelectorAll('.panel .when, .tile .when')]"
                                ".map((x) => x.textContent).filter(Boolean)")
        self.assertEqual(len(set(moments)), 1, moments)
        self.assertRegex(moments[0], r"\d+.(s|min) ago")
        page.move_mouse(2, 2)
        page.wait("document.querySelectorAll('.panel .when:not(:empty)').length === 0")

    def test_keys_walk_through_time(self):
        page = self.open("busy")
        page.wait("document.querySelector('.chart.tall .line').hasAttribute('d')")
        page.evaluate("document.querySelector('.chart.tall svg').focus()")
        page.key("ArrowLeft")
        page.key("ArrowLeft", shift=True)
        self.assert_shows(page, "11 s ago", selector=".panel")
        page.key("ArrowRight")
        self.assert_shows(page, "10 s ago", selector=".panel")
        page.key("Escape")
        self.assertEqual(page.text(".panel .when"), "")

    def test_all_that_acts_is_reached_by_tab_and_seen(self):
        page = self.open("busy")
        reached = []
        for _ in range(30):
            page.key("Tab")
            what, outline = page.evaluate(
                "[document.activeElement.textContent.slice(0, 20) || document.activeElement.ariaLabel ||"
                " document.activeElement.localName, getComputedStyle(document.activeElement).outlineStyle]")
            if what in reached or page.evaluate("document.activeElement === document.body"):
                break
            self.assertNotEqual(outline, "none", what)
            reached.append(what)
        self.assertIn("Pause", reached)
        self.assertIn("Find a limit", reached)
        self.assertIn("metrics", reached)


class News(PageCase):
    def silent(self, page, words):
        page.wait("document.querySelector('.state').dataset.state === 'silent'")
        self.assert_shows(page, "No news from the sidecar", words, selector=".alerts")
        self.assert_shows(page, "no news", "last seen", selector="header")

    def live(self, page):
        page.wait("document.querySelector('.state').dataset.state === 'live'")
        page.wait("!document.body.classList.contains('stale')")
        self.assert_hides(page, "No news from the sidecar")

    def test_a_sidecar_that_goes_and_comes_back(self):
        page = self.open("busy")
        self.mock.stop()
        self.silent(page, "It does not answer")
        page.wait("document.body.classList.contains('stale')")
        self.assertIn("grayscale", page.evaluate("getComputedStyle(document.querySelector('main')).filter"))
        self.assert_shows(page, "per_user")  # what was last seen stays
        page.resize(NARROW, 900)
        self.assert_fits(page)
        self.assert_readable(page)
        self.mock.start()
        self.live(page)

    def test_answers_that_are_none(self):
        page = self.open("busy")
        for state, words in (("broken", "Its answer cannot be read"), ("nonsense", "Its answer cannot be read"),
                             ("refusing", "It answers /performance/metrics with HTTP status 503")):
            self.mock.state = state
            self.silent(page, words)
            self.mock.state = "busy"
            self.live(page)

    def test_a_page_that_never_had_news(self):
        self.mock.state = "refusing"
        page = self.browser.open(self.mock.url, script="timers.js")
        self.addCleanup(page.close)
        page.wait("document.querySelector('.state')?.dataset.state === 'silent'")
        self.assert_shows(page, "never seen", "is this its admin address?")
        self.mock.state = "busy"
        page.wait(READY)
        self.live(page)

    def test_nothing_is_asked_while_paused_or_hidden(self):
        page = self.open("busy")
        for stop, go in ((self.press, self.press), (lambda p: self.hide(p, True), lambda p: self.hide(p, False))):
            # A round ends by waiting for the next one: then none is under way.
            page.wait("[...waiting.values()].includes(1000)")
            stop(page)
            self.assertNotIn(1000, page.evaluate("[...waiting.values()]"))
            go(page)
            self.next_report(page)
            self.live(page)
        self.assert_clean(page)

    def press(self, page):
        page.evaluate("document.querySelector('button').focus()")
        page.key("Enter")

    def hide(self, page, yes):
        page.evaluate(f"Object.defineProperty(document, 'hidden', {{value: {quoted(yes)}, configurable: true}}),"
                      " document.dispatchEvent(new Event('visibilitychange'))")


if __name__ == "__main__":
    run()
