#!/usr/bin/env python3
"""Measures the client stubs beside the bare generated clients of their languages.

Each language's own program (tests/conformance/README.md says what it prints)
runs beside a sidecar of its own, one after another.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
TITLES = {"cpp": "C++", "go": "Go", "python": "Python", "java": "Java",
          "typescript": "TypeScript", "rust": "Rust"}
AT_LEAST_TIMES = {"python": 3, "typescript": 3}  # of unary calls; else 4
AT_MOST_NS = {"python": 2000, "typescript": 300}  # a decision; else 100


def measure(language, program):
    """What the language's program prints, by name."""
    stub, out = ROOT / "client_stubs" / language, ROOT / "build" / "stubs" / language
    subprocess.run(["make", "-s", "-C", stub, "bench", f"OUT={out}"], check=True)
    done = subprocess.run(
        [sys.executable, ROOT / "tests/conformance/with_sidecar.py", "--program", program,
         "--", out / "bench"], check=True, stdout=subprocess.PIPE, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line.pop("name"): line for line in lines}


def mark(good):
    return "" if good else " (!)"


def row(language, rows):
    """One line of the table; (!) where a goal is missed."""
    one, many, closed, hang = (rows[name] for name in
                               ("allow_one", "allow_64", "breaker_closed", "hang"))
    late = hang["longest_ms"] - hang["deadline_ms"]
    return (f"| {TITLES[language]} "
            f"| {one['ratio']:.2f} ({one['stub_us']:.0f} us, {one['bare_us']:.0f} us)"
            f"{mark(one['ratio'] <= 1.1)} "
            f"| {many['ratio']:.1f} ({many['stub_per_s']:,.0f}, {many['bare_per_s']:,.0f})"
            f"{mark(many['ratio'] >= AT_LEAST_TIMES.get(language, 4))} "
            f"| {closed['ns']:.0f} ns{mark(closed['ns'] <= AT_MOST_NS.get(language, 100))} "
            f"| {late:+.1f} ms{mark(late <= 5)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the sidecar's program")
    parser.add_argument("--languages", default=" ".join(TITLES))
    parser.add_argument("--json", help="where to write the figures")
    options = parser.parse_args()
    figures = {}
    print("| stub | `allow`, one at a time, beside the bare client "
          "| decisions/s of 64 callers, beside unary | closed breaker | hang: past the deadline |")
    print("|---|---|---|---|---|")
    for language in options.languages.split():
        figures[language] = measure(language, options.program)
        print(row(language, figures[language]), flush=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
