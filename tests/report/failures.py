#!/usr/bin/env python3
"""Says in short what failed: for each such test of a file that ctest wrote with
--output-junit, the lines of its output that tell why. Exit 1 if there was one.
"""

import re
import sys
import xml.etree.ElementTree as xml

# What GoogleTest, unittest, the conformance driver and the stubs' tools write.
TELLING = re.compile(r"FAILED|FAIL:|Failure|\w+Error\b|^not ok|Expected|Actual|Which is|CROSSED|panic|Sanitizer")
MOST_LINES, LONGEST = 14, 400


def told(output):
    """The lines that tell why, each with the one after it; the last ones if none does."""
    lines = output.splitlines()
    telling = {j for i, line in enumerate(lines) if TELLING.search(line) for j in (i, i + 1)}
    return [line[:LONGEST] for i, line in enumerate(lines) if i in telling][:MOST_LINES] or lines[-MOST_LINES:]


def main():
    cases = xml.parse(sys.argv[1]).iter("testcase")
    failed = [case for case in cases if case.get("status") not in ("run", "disabled", "notrun")]
    for case in failed:
        why = case.find("failure")
        print(f"== {case.get('name')}, {float(case.get('time')):.0f} s: {'' if why is None else why.get('message')}")
        for line in told(case.findtext("system-out") or ""):
            print("   " + line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
