"""Redis stops, hangs and comes back while callers keep asking."""

import signal
import time

from harness.loads import Load
from harness.processes import Failed
from harness.report import Row
from rows.calls import ONE_LIMIT

BIN_MS = 20


def phases_of(bench):
    """Seconds with Redis, without, and with it again."""
    return (2, 3, 3) if bench.quick else (5, 5, 5)


def run(bench, lose, regain):
    """The load's result, and when Redis was back, in seconds of its time line."""
    redis = bench.redis()
    sidecar = bench.sidecar(ONE_LIMIT, redis)
    before, without, after = phases_of(bench)
    load = Load(bench, [sidecar.unix_target], "--rate", 10000, "--seconds",
                f"{before},{without},{after}", "--bin_ms", BIN_MS)
    load.await_measuring()
    start = time.monotonic()
    time.sleep(before)
    lose(redis)
    time.sleep(max(0, start + before + without - time.monotonic()))
    regain(redis)
    back = time.monotonic() - start
    return load.result(), back


def seconds_degraded_after(result, back):
    """From Redis' return to the last answer that said `degraded`."""
    bins = result["bins"]
    degraded = [i for i, tally in enumerate(bins) if tally["degraded"]]
    if not degraded:
        raise Failed("no answer was degraded although Redis was away")
    return max(0.0, (degraded[-1] + 1) * BIN_MS / 1e3 - back)


def rows_of(what, result, back):
    if result["phases"][0]["degraded"]:
        raise Failed("answers were degraded before Redis was lost")
    normal, away, _ = (phase["latency_ns"] for phase in result["phases"])
    ratio = away["p99"] / normal["p99"]
    regained = seconds_degraded_after(result, back)
    return [
        Row(f"Redis {what}: errors", str(result["errors"]),
            f"of {result['calls']:,}", None, "0", result["errors"] == 0,
            {"error_texts": result["error_texts"],
             "phases": result["phases"]}),
        Row(f"Redis {what}: p99 meanwhile", f"{away['p99'] / 1e3:.0f} us",
            f"{normal['p99'] / 1e3:.0f} us before", f"{ratio:.2f}", "<= 2 x",
            ratio <= 2),
        Row(f"Redis {what}: until coordinated again", f"{regained:.2f} s", "",
            None, "<= 2 s", regained <= 2),
    ]


def outage(bench):
    stopped = run(bench, lambda redis: redis.signal(signal.SIGSTOP),
                  lambda redis: redis.signal(signal.SIGCONT))
    bench.close_all()
    killed = run(bench, lambda redis: redis.close(),
                 lambda redis: redis.restart())
    return (rows_of("stopped (SIGSTOP)", *stopped) +
            rows_of("killed, started again", *killed))
