"""The sidecar as a process: its memory, its start; and its inside alone."""

import contextlib
import json
import statistics
import subprocess
import time

from harness.first_call import ask
from harness.loads import load
from harness.processes import wait_for
from harness.report import Row
from rows.calls import ONE_LIMIT, limit

MIB = 1024 * 1024


def answers(server):
    with contextlib.suppress(OSError):
        return bool(ask(server.unix_path))
    return False


def idle_rss(server):
    """After its first answer, when nothing has grown for a second."""
    wait_for("a first answer", lambda: answers(server))
    last = server.rss_bytes()
    while True:
        time.sleep(1)
        now = server.rss_bytes()
        if now <= last:
            return now
        last = now


def memory_idle(bench):
    product, floor = idle_rss(bench.sidecar(ONE_LIMIT)), idle_rss(bench.echo())
    return [Row("resident memory, idle", f"{product / MIB:.1f} MiB",
                f"{floor / MIB:.1f} MiB", f"{product / floor:.2f}",
                "<= 20 MiB", product <= 20 * MIB,
                {"product": product, "floor": floor})]


def memory_of_keys(bench):
    """Keys whose buckets stay below full, so that none may be forgotten.

    As many calls are made on one key first, so that what gRPC itself keeps
    after a load is not counted as the keys'.
    """
    keys = 100_000 if bench.quick else 1_000_000
    slow = [limit("per_user", "user", rate="1000/1h", burst=1000)]
    server = bench.sidecar(slow)
    many = ["--batch", 500, "--in_flight", 4, "--sequential",
            "--warmup_seconds", 0, "--seconds", 600]
    load(bench, server, *many, "--keys", 1, "--max_calls", keys // 500,
         "--attributes", "user=warm")
    before = server.rss_bytes()
    load(bench, server, *many, "--keys", keys, "--max_calls", keys // 500,
         "--attributes", "user=user-{}")
    after = server.rss_bytes()
    per_key = (after - before) / keys
    return [Row(f"resident memory, {keys:,} active keys",
                f"{per_key:.0f} bytes a key", f"{before / MIB:.1f} MiB before",
                f"{after / MIB:.1f} MiB", "<= 150 bytes a key", per_key <= 150,
                {"before": before, "after": after, "keys": keys})]


def seconds_to_first_answer(make_server):
    """From just before the process is made to its first answer."""
    start = time.monotonic()
    server = make_server()  # returns when the socket accepts
    wait_for("a first answer", lambda: answers(server))
    return time.monotonic() - start


def start_time(bench):
    def measure(make_server):
        times = []
        for _ in range(5 if bench.quick else 15):
            times.append(seconds_to_first_answer(make_server) * 1e3)
            bench.close_all()
        return times
    product, floor = measure(lambda: bench.sidecar(ONE_LIMIT)), measure(bench.echo)
    middle = statistics.median(product)
    return [Row("start to first answer, embedded store", f"{middle:.1f} ms",
                f"{statistics.median(floor):.1f} ms",
                f"{middle / statistics.median(floor):.2f}", "<= 50 ms",
                middle <= 50, {"product": product, "floor": floor})]


def in_process(bench):
    """Google Benchmark's figures, in nanoseconds of CPU per decision."""
    out = subprocess.run(
        [bench.tool("bench_limiter"), "--benchmark_format=json",
         f"--benchmark_repetitions={3 if bench.quick else 9}",
         # Interleaved, for the same reason as in loads.in_turns.
         "--benchmark_enable_random_interleaving=true"],
        check=True, capture_output=True, text=True).stdout
    data = json.loads(out)["benchmarks"]
    median = {entry["run_name"]: entry["cpu_time"] for entry in data
              if entry.get("aggregate_name") == "median"}
    one = median["BM_DecideOneLimit/real_time/threads:1"]
    two = median["BM_DecideOneLimit/real_time/threads:2"]
    floor = median["BM_FloorFindAndClock/real_time/threads:1"]
    floor_two = median["BM_FloorFindAndClock/real_time/threads:2"]
    four = median["BM_DecideFourLimits"]
    return [
        Row("one decision in process", f"{one:.0f} ns", f"{floor:.0f} ns",
            f"{one / floor:.2f}", "<= 100 ns", one <= 100, data),
        Row("the same, 2 threads, each", f"{two:.0f} ns", f"{floor_two:.0f} ns",
            f"{two / one:.2f} of one thread", "<= 1.2 x one thread",
            two <= 1.2 * one),
        Row("the same, 4 limits", f"{four:.0f} ns", f"{floor:.0f} ns",
            f"{four / floor:.2f}"),
    ]
