"""What a breaker's and a pool's answers cost, beside a bare echo server's."""

from harness.loads import cpu_us_per_call
from harness.processes import Failed
from harness.report import of_ratio

from rows.calls import CLOSED_LOOP, compare

BREAKERS = [{"name": "shop"}]
POOLS = [{"name": "db", "max_connections": 1000, "endpoints": [
    {"address": f"127.0.0.1:{port}"} for port in range(20001, 20005)]}]


def all_given(result):
    if result["denied"] or result["degraded"]:
        raise Failed(f"{result['denied']} of {result['calls']} were denied, "
                     f"{result['degraded']} degraded")
    return cpu_us_per_call(result)


def breaker_acquire(bench):
    ratio = compare(bench, bench.sidecar([], breakers=BREAKERS),
                    bench.echo("--part", "breaker"), all_given,
                    *CLOSED_LOOP, "--breaker", "shop")
    return [of_ratio("Breaker Acquire, closed, Unix, 64 in flight", ratio,
                     "us CPU", 1.2)]


def pool_acquire(bench):
    """Half of the calls are Acquires, half their Releases."""
    ratio = compare(bench, bench.sidecar([], pools=POOLS),
                    bench.echo("--part", "pool"), all_given,
                    *CLOSED_LOOP, "--pool", "db")
    return [of_ratio("Pool Acquire and Release, per call, Unix, 64 in flight",
                     ratio, "us CPU", 1.2)]
