"""What CI's excerpt shows of a run that failed."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import failures

RESULTS = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="Linux-c++" tests="4">
  <testcase name="good_test" time="1.5" status="run"><system-out>[  FAILED  ] not so</system-out></testcase>
  <testcase name="left_out_test" time="0" status="disabled"/>
  <testcase name="bad_test" time="24.28" status="fail">
    <failure message="Failed"/>
    <system-out>{}</system-out>
  </testcase>
  <testcase name="dead_test" time="3" status="fail"><failure message="SEGFAULT"/></testcase>
</testsuite>
"""


class FailuresTest(unittest.TestCase):
    def report(self, output):
        """The exit code, and what is printed."""
        printed = io.StringIO()
        with tempfile.TemporaryDirectory() as folder:
            results = pathlib.Path(folder, "results.xml")
            results.write_text(output, encoding="utf-8")
            with mock.patch.object(sys, "argv", ["failures.py", str(results)]), contextlib.redirect_stdout(printed):
                code = failures.main()
        return code, printed.getvalue()

    def test_names_what_failed_and_the_lines_that_tell_why(self):
        code, printed = self.report(RESULTS.format(
            "[ RUN      ] A\nchatter\npool.cc:250: Failure\nExpected: 6, actual: 5\nmore\nchatter\n[  FAILED  ] A"))
        self.assertEqual(code, 1)
        self.assertEqual(printed, "== bad_test, 24 s: Failed\n   pool.cc:250: Failure\n   Expected: 6, actual: 5\n"
                                  "   more\n   [  FAILED  ] A\n== dead_test, 3 s: SEGFAULT\n")

    def test_shows_the_end_of_an_output_that_does_not_tell(self):
        _, printed = self.report(RESULTS.format("\n".join(f"line {i}" for i in range(100))))
        self.assertIn(f"\n   line {100 - failures.MOST_LINES}\n", printed)
        self.assertNotIn(f"line {99 - failures.MOST_LINES}\n", printed)
        self.assertIn("   line 99\n", printed)

    def test_is_short(self):
        _, printed = self.report(RESULTS.format("\n".join("Failure" + "x" * 1000 for _ in range(100))))
        self.assertEqual(printed.count("Failure"), failures.MOST_LINES)
        self.assertLessEqual(max(map(len, printed.splitlines())), failures.LONGEST + 3)

    def test_says_nothing_if_all_is_well(self):
        self.assertEqual(self.report('<testsuite><testcase name="t" time="1" status="run"/></testsuite>'), (0, ""))


if __name__ == "__main__":
    unittest.main()
