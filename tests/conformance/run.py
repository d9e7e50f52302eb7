#!/usr/bin/env python3
"""Runs the scenarios against one language's agent; see README.md."""

import argparse
import contextlib
import os
import shlex
import sys
import tempfile
import traceback

import yaml

from scenario import Failure, Scenario
from sidecar import HERE


def run_one(path, options):
    """Whether the scenario went as it says."""
    text = yaml.safe_load(path.read_text())
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        try:
            with contextlib.closing(
                    Scenario(text, options.program, shlex.split(options.agent), log)) as scenario:
                scenario.run()
        except Exception as error:
            print(f"FAILED {path.stem}: {text['name']}\n    {error}", flush=True)
            if not isinstance(error, Failure):
                traceback.print_exc(file=sys.stdout)
            log.seek(0)
            for line in log.read().splitlines()[-30:]:
                print("    | " + line)
            return False
    print(f"ok     {path.stem}: {text['name']}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the sidecar's program")
    parser.add_argument("--agent", required=True, help="the agent's command")
    parser.add_argument("--only", default="", help="scenarios whose file's name has this")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    scenarios = [path for path in sorted((HERE / "scenarios").glob("*.yaml"))
                 if options.only in path.stem]
    if not scenarios:
        parser.error(f"no scenario is called like {options.only!r}")
    failed = sum(not run_one(path, options) for path in scenarios)
    print(f"{len(scenarios) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
