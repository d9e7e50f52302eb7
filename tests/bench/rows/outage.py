"""Redis stops, hangs and comes back while callers keep asking."""

import signal
import time

from harness.loads import Load
from harness.processes import Failed
from harness.report import Row
from rows.calls import ONE_LIMIT

BIN_MS = 20
# With Redis there, a p99 above this says that the machine cannot carry the
# load: then the ratio to it says nothing, and does not count as reached.
SATURATED_NS = 50e6


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


def seconds_until_coordinated(result, back):
    """From Redis' return to the first half second with no degraded answer.

    Not to the last degraded answer: on a busy machine one command may be late
    at any time.
    """
    bins = result["bins"]
    if not any(tally["degraded"] for tally in bins[:int(back * 1e3 / BIN_MS)]):
        raise Failed("no answer was degraded although Redis was away")
    calm = 500 // BIN_MS
    for first in range(int(back * 1e3 / BIN_MS), len(bins) - calm):
        span = bins[first:first + calm]
        if not any(tally["degraded"] for tally in span) and any(
                tally["calls"] for tally in span):
            return max(0.0, first * BIN_MS / 1e3 - back)
    raise Failed("answers stayed degraded after Redis was back")


def rows_of(what, result, back):
    normal, away, _ = (phase["latency_ns"] for phase in result["phases"])
    ratio = away["p99"] / normal["p99"]
    regained = seconds_until_coordinated(result, back)
    return [
        Row(f"Redis {what}: errors", str(result["errors"]),
            f"of {result['calls']:,}", None, "0", result["errors"] == 0,
            {"error_texts": result["error_texts"],
             "phases": result["phases"]}),
        Row(f"Redis {what}: p99 meanwhile", f"{away['p99'] / 1e3:.0f} us",
            f"{normal['p99'] / 1e3:.0f} us before" +
            (" (saturated)" if normal["p99"] > SATURATED_NS else ""),
            f"{ratio:.2f}", "<= 2 x",
            ratio <= 2 and normal["p99"] <= SATURATED_NS),
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
