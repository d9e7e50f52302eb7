#!/usr/bin/env python3
"""Measures Outrigger against its floor and its goals; see `run.py --help`."""

import argparse
import os
import sys
import traceback

sys.dont_write_bytecode = True  # no __pycache__ in the sources

from harness import report
from harness.floor_steps import floor_steps
from harness.processes import Bench, Failed
from rows import (
    admin, breaker, cache, calls, deciding, fleet, l1, outage, pool, pool_choice, process,
    stores, telemetry)

# Name to function; a function takes the Bench and returns rows.
ROWS = {
    "one_limit": calls.one_limit,
    "four_limits": calls.four_limits,
    "allow_many": calls.allow_many,
    "p99": calls.p99_open_loop,
    "in_process": process.in_process,
    "commands_per_decision": fleet.commands_per_decision,
    "exact": fleet.exact,
    "share": fleet.share_used_rows,
    "outage": outage.outage,
    "memory_idle": process.memory_idle,
    "memory_of_keys": process.memory_of_keys,
    "start": process.start_time,
    "default_echo_tcp": calls.default_echo_tcp,
    "low_rate": calls.low_rate,
    "instruments": telemetry.instruments,
    "telemetry": telemetry.metrics_and_some_traces,
    "traced": telemetry.every_call_traced,
    "collector_gone": telemetry.collector_gone,
    "scraped": telemetry.scraped,
    "scrape": admin.scrape,
    "cache_local_hit": cache.local_hit,
    "cache_store_hit": cache.store_hit,
    "breaker_acquire": deciding.breaker_acquire,
    "pool_acquire": deciding.pool_acquire,
    "l1": l1.l1,
    "breaker": breaker.in_process,
    "pool": pool.in_process,
    "choice": pool_choice.choice,
    "breaker_pool_stores": stores.breaker_pool_stores,
}
# Only run when asked for by name: they inform, and take long.
EXTRA = {"floor_steps": floor_steps, "one_limit_tuned": calls.one_limit_tuned}


def parse_args():
    here = os.path.dirname(os.path.abspath(__file__))
    build = os.path.join(os.path.dirname(os.path.dirname(here)), "build")
    parser = argparse.ArgumentParser(
        description="Prints a table of figures, each beside a floor measured "
        "in the same run, and writes them as JSON.")
    parser.add_argument("--build", default=os.path.join(build, "bench"),
                        help="build folder that has bench/bench_load")
    parser.add_argument("--program",
                        default=os.path.join(build, "release", "outrigger"),
                        help="the built sidecar")
    parser.add_argument("--json", default=os.path.join(build, "bench.json"))
    parser.add_argument("--only", action="append", metavar="ROW",
                        choices=sorted({**ROWS, **EXTRA}),
                        help="one of: " + ", ".join({**ROWS, **EXTRA}))
    parser.add_argument("--collector-gone-minutes", type=float, default=1,
                        help="of the row collector_gone; the goal says 10")
    parser.add_argument("--quick", action="store_true",
                        help="short rounds: for a look, not for the record")
    return parser.parse_args()


def main():
    args = parse_args()
    bench = Bench(args.build, args.program, args.quick)
    bench.collector_gone_minutes = args.collector_gone_minutes
    machine = report.machine()
    rows, failed = [], 0
    try:
        for name in args.only or ROWS:
            print(f"measuring {name} ...", file=sys.stderr)
            try:
                rows += {**ROWS, **EXTRA}[name](bench)
            except Failed as error:
                failed += 1
                rows.append(report.Row(name, f"failed: {error}".split("\n")[0],
                                       reached=False))
                print(f"{name}: {error}", file=sys.stderr)
            except Exception:
                failed += 1
                rows.append(report.Row(name, "failed", reached=False))
                traceback.print_exc()
            bench.close_all()
    finally:
        bench.close()
    print(report.table(rows))
    report.write_json(args.json, rows, machine, bench.notes, args.quick)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
