"""Breakers' and pools' stores over Redis: how soon the fleet hears of a swap,
and what their scripts cost with a thousand pods."""
import json
import subprocess

from harness.report import Row

HEARD_GOAL_MS = 300

SCRIPTS = {
    "report": "a breaker's report",
    "exchange_enough": "a pool's exchange, enough for all",
    "exchange_scarce": "the same, too few",
    "exchange_one_by_one": "the same, one by one",
}


def breaker_pool_stores(bench):
    out = subprocess.run([bench.tool("bench_breaker_pool_store")], check=True,
                         capture_output=True, text=True).stdout
    raw = json.loads(out.splitlines()[-1])
    heard = raw["swapped_until_all_8_heard_us"]
    p50, p99 = heard["p50"] / 1e3, heard["p99"] / 1e3
    rows = [Row("a breaker trips until all 8 pods have heard, p99",
                f"{p99:.1f} ms", f"{p50:.2f} ms (p50)",
                goal=f"<= {HEARD_GOAL_MS} ms", reached=p99 <= HEARD_GOAL_MS,
                raw=raw)]
    for name, what in SCRIPTS.items():
        rows.append(Row(f"Redis CPU for {what}, 1,000 pods",
                        f"{raw[name]['redis_cpu_us']:.0f} us"))
    return rows
