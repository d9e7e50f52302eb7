"""What a cache's answers cost, beside what they cost a bare echo server."""

from harness.loads import cpu_us_per_call, load
from harness.processes import Failed
from harness.report import of_ratio

from rows.calls import CLOSED_LOOP, ONE_LIMIT, compare

VALUE_BYTES = 256
KEYS = 10_000
GETS = [*CLOSED_LOOP, "--get", "ns", "--keys", KEYS]


def cache_of(**more):
    return {"memory": "256MiB", "namespaces": [
        {"name": "ns", "ttl": "1h", "early_refresh": 0, **more}]}


def fill(bench, server):
    """Every key is stored, and read once."""
    load(bench, server, *GETS, "--fill_bytes", VALUE_BYTES,
         "--seconds", 0.2, "--warmup_seconds", 0.1)


def all_hit(result):
    if result["denied"] or result["degraded"]:
        raise Failed(f"{result['denied']} of {result['calls']} were no hits, "
                     f"{result['degraded']} degraded")
    return cpu_us_per_call(result)


def local_hit(bench):
    """A value of 256 bytes from L1, beside an echo of as many."""
    sidecar = bench.sidecar([], cache=cache_of())
    fill(bench, sidecar)
    ratio = compare(bench, sidecar, bench.echo("--get_bytes", VALUE_BYTES),
                    all_hit, *GETS)
    return [of_ratio("Get, 256-byte L1 hit, Unix, 64 in flight", ratio,
                     "us CPU", 1.2)]


def store_hit(bench):
    """L1 off: every Get asks Redis. Beside the echo of Allow."""
    sidecar = bench.sidecar(ONE_LIMIT, redis=bench.redis(),
                            cache=cache_of(max_entries=0))
    fill(bench, sidecar)
    ratio = compare(bench, sidecar, bench.echo("--get_bytes", VALUE_BYTES),
                    all_hit, *GETS)
    row = of_ratio("Get, 256-byte L2 hit (L1 off), Redis", ratio, "us CPU", None)
    beyond = ratio.product - ratio.floor
    row.goal = "<= 6 us beyond the floor"
    row.reached = beyond <= 6
    return [row]
