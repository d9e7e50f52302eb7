"""A slot acquired and released, in process."""
import json
import subprocess

from harness.report import Row

GOAL_NS = 200


def in_process(bench):
    """Google Benchmark's figures: medians of CPU time, with free slots."""
    out = subprocess.run(
        [bench.tool("bench_pool"), "--benchmark_format=json",
         f"--benchmark_repetitions={3 if bench.quick else 9}",
         "--benchmark_enable_random_interleaving=true"],
        check=True, capture_output=True, text=True).stdout
    raw = json.loads(out)["benchmarks"]
    median = {entry["run_name"]: entry["cpu_time"] for entry in raw
              if entry.get("aggregate_name") == "median"}
    one = median["BM_Caps/real_time/threads:1"]
    three = median["BM_ThreeEndpoints/real_time/threads:1"]
    two = median["BM_Caps/real_time/threads:2"]
    apart = median["BM_PoolEach/real_time/threads:2"]
    clock = median["BM_ClockNow"]
    return [
        Row("a slot acquired and released in process", f"{one:.0f} ns",
            f"{2 * clock:.0f} ns (two clock reads)", f"{one / 2 / clock:.2f}",
            f"<= {GOAL_NS} ns", one <= GOAL_NS, raw),
        Row("the same, with the least loaded of 3 endpoints", f"{three:.0f} ns",
            f"{one:.0f} ns (without)", f"{three / one:.2f}",
            f"<= {GOAL_NS} ns", three <= GOAL_NS),
        Row("the same without, 2 threads, each", f"{two:.0f} ns",
            f"{apart:.0f} ns (a pool each)", f"{two / apart:.2f}"),
    ]
