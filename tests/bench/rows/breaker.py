"""A breaker's decision, in process."""
import json
import subprocess

from harness.report import Row

GOAL_NS = 60


def in_process(bench):
    """Google Benchmark's figures: medians of CPU time, a hundred breakers."""
    out = subprocess.run(
        [bench.tool("bench_breaker"), "--benchmark_format=json",
         f"--benchmark_repetitions={3 if bench.quick else 9}",
         "--benchmark_enable_random_interleaving=true"],
        check=True, capture_output=True, text=True).stdout
    raw = json.loads(out)["benchmarks"]
    median = {entry["run_name"]: entry["cpu_time"] for entry in raw
              if entry.get("aggregate_name") == "median"}
    one = median["BM_Acquire/real_time/threads:1"]
    two = median["BM_Acquire/real_time/threads:2"]
    clock = median["BM_ClockNow"]
    return [
        Row("a breaker's decision in process, closed", f"{one:.0f} ns",
            f"{clock:.0f} ns (the clock alone)", f"{one / clock:.2f}",
            f"<= {GOAL_NS} ns", one <= GOAL_NS, raw),
        Row("the same, 2 threads, each", f"{two:.0f} ns",
            f"{one:.0f} ns (one thread)", f"{two / one:.2f}"),
        Row("the same, of one of 50 methods",
            f"{median['BM_AcquireOneOfManyMethods']:.0f} ns"),
        Row("decision and outcome", f"{median['BM_AcquireAndReport']:.0f} ns"),
        Row("a denial, with its message", f"{median['BM_Deny']:.0f} ns"),
    ]
