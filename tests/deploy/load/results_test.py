#!/usr/bin/env python3
"""The load suites' verdicts: that each threshold can be crossed, and is told."""

import pathlib
import sys
import tempfile
import unittest

LOAD = pathlib.Path(__file__).resolve().parents[3] / "deploy/load"
sys.path[:0] = [str(LOAD), str(LOAD / "locust")]

from page import render
from results import Results
from samples import Samples


class Verdicts(unittest.TestCase):
    def results(self, milliseconds=(1.0,) * 100, failed=0, unsuccessful=0, misses=0, dropped=0, slack=1):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "samples.csv")
            samples = Samples(path)
            for i, value in enumerate(milliseconds):
                samples.rpc("Cache", "Get", 14 if i < failed else 0, value)
                samples.rate("success", i >= unsuccessful)
                samples.rate("cache_hits", i >= misses)
            samples.close()
            with path.open("a") as file:
                file.write("dropped_iterations,1,1,,,\n" * dropped)
            return Results(path, slack)

    def crossed(self, **of):
        return [verdict.what for verdict in self.results(**of).verdicts() if not verdict.good]

    def test_all_is_well(self):
        self.assertEqual(self.crossed(), [])
        self.assertEqual(self.crossed(unsuccessful=4, misses=19), [])

    def test_each_threshold_can_be_crossed(self):
        self.assertEqual(self.crossed(milliseconds=[1.0] * 94 + [600.0] * 6), ["p95"])
        self.assertEqual(self.crossed(milliseconds=[1.0] * 98 + [1100.0] * 2), ["p99"])
        self.assertEqual(self.crossed(failed=1), ["failed RPCs"])
        self.assertEqual(self.crossed(unsuccessful=5), ["success"])
        self.assertEqual(self.crossed(misses=20), ["cache hits"])

    def test_the_load_generator_has_to_keep_up(self):
        self.assertEqual(self.crossed(dropped=5), [])
        self.assertEqual(self.crossed(dropped=6), ["begun in time"])

    def test_slack_is_for_times_alone(self):
        self.assertEqual(self.crossed(milliseconds=[1.0] * 94 + [4000.0] * 6, dropped=90, slack=10), [])
        self.assertEqual(self.crossed(milliseconds=[5001.0] * 100, dropped=110, slack=10), ["p95", "begun in time"])
        self.assertEqual(self.crossed(failed=1, unsuccessful=5, misses=20, slack=10),
                         ["failed RPCs", "success", "cache hits"])

    def test_a_run_without_samples_is_not_good(self):
        self.assertEqual(len(self.crossed(milliseconds=())), 6)

    def test_the_page_tells_what_was_crossed(self):
        good = render("Load", "", [("spike", "what", self.results())])
        bad = render("Load", "", [("spike", "what", self.results(failed=1))])
        self.assertIn("all thresholds kept", good)
        self.assertNotIn("crossed", good)
        self.assertIn("a threshold was crossed", bad)
        self.assertIn("&lt; 1%: crossed", bad)


if __name__ == "__main__":
    unittest.main()
