"""The pod's own copies, in process: what a hit costs, and what an entry costs
beside its key and value."""
import json
import subprocess

from harness.report import Row

S3_FIFO = 3  # as in cache::Policy; the default


def run(bench, only, *more):
    out = subprocess.run(
        [bench.tool("bench_l1"), "--benchmark_format=json",
         f"--benchmark_filter={only}/{S3_FIFO}/", *more],
        check=True, capture_output=True, text=True).stdout
    return json.loads(out)["benchmarks"]


def l1(bench):
    """Google Benchmark's figures: a million keys, Zipf 1.0, 256-byte values."""
    hits = run(bench, "BM_Hit",
               f"--benchmark_repetitions={3 if bench.quick else 9}")
    one, two = [entry["items_per_second"] for entry in hits
                if entry.get("aggregate_name") == "median"]
    entry = run(bench, "BM_BytesAnEntry")[0]
    return [
        Row("L1 hit in process, Zipf 1.0 over 1 M keys", f"{1e9 / one:.0f} ns",
            goal="<= 100 ns", reached=1e9 / one <= 100, raw=hits),
        Row("the same, 2 threads together", f"{two / 1e6:.1f} M/s",
            f"{one / 1e6:.1f} M/s (one thread)", f"{two / one:.2f}",
            ">= 1.8 x", two >= 1.8 * one),
        Row("an entry in L1, beyond key and value",
            f"{entry['without_malloc']:.0f} B",
            f"{entry['resident']:.0f} B (resident, malloc's too)",
            goal="<= 64 B", reached=entry["without_malloc"] <= 64, raw=entry),
    ]
