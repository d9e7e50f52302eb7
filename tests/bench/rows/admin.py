"""The admin server: what a scrape costs inside."""

import json
import subprocess

from harness.report import Row


def scrape(bench):
    """Google Benchmark's figures, in milliseconds of CPU for 1,000 limits."""
    out = subprocess.run(
        [bench.tool("bench_exposition"), "--benchmark_format=json",
         f"--benchmark_repetitions={3 if bench.quick else 9}",
         "--benchmark_enable_random_interleaving=true"],
        check=True, capture_output=True, text=True).stdout
    entries = [entry for entry in json.loads(out)["benchmarks"]
               if entry.get("aggregate_name") == "median"]
    median = {entry["run_name"]: entry["cpu_time"] for entry in entries}
    floor = median["BM_FloorCopyThousandLimits"]
    plain = median["BM_ScrapeThousandLimits/0"]
    gzip = plain + median["BM_CompressThousandLimits"]
    return [
        Row("/metrics, 1,000 limits, in process", f"{plain:.1f} ms",
            f"{floor:.1f} ms", f"{plain / floor:.1f}", "<= 20 ms", plain <= 20,
            entries),
        Row("the same, gzip", f"{gzip:.1f} ms", f"{floor:.1f} ms",
            f"{gzip / floor:.1f}", "<= 20 ms", gzip <= 20),
    ]
