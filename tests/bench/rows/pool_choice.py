"""A choice among a thousand endpoints, in process, for each way to balance."""
import json
import subprocess

from harness.report import Row

GOAL_NS = 200


def choice(bench):
    """Google Benchmark's figures: medians of CPU time."""
    out = subprocess.run(
        [bench.tool("bench_pool_choice"), "--benchmark_format=json",
         "--benchmark_filter=BM_Choose/|BM_ChooseAndLease/",
         "--benchmark_report_aggregates_only=true",
         f"--benchmark_repetitions={3 if bench.quick else 9}"],
        check=True, capture_output=True, text=True).stdout
    raw = json.loads(out)["benchmarks"]
    medians = {(entry["run_name"].split("/")[0], entry["label"]):
               entry["cpu_time"]
               for entry in raw if entry["aggregate_name"] == "median"}
    rows = []
    for (name, way), nanoseconds in medians.items():
        if name != "BM_Choose":
            continue
        with_lease = medians["BM_ChooseAndLease", way]
        rows.append(Row(f"choice among 1,000 endpoints, {way}",
                        f"{nanoseconds:.0f} ns",
                        f"{with_lease:.0f} ns (with its lease's begin and end)",
                        goal=f"<= {GOAL_NS} ns",
                        reached=nanoseconds <= GOAL_NS))
    rows[0].raw = raw
    return rows
