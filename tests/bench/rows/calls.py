"""What a call costs the sidecar, beside what it costs a bare echo server."""

from harness.loads import Ratio, cpu_us_per_call, in_turns, load, p99_us
from harness.report import of_ratio

# So wide that nothing is denied: a denial would be a cheaper answer.
WIDE = {"rate": "1000000/1s", "burst": 1000000}


def limit(name, *key, **more):
    return {"name": name, "key": list(key), **WIDE, **more}


ONE_LIMIT = [limit("per_user", "user")]
FOUR_LIMITS = [limit("per_user", "user"), limit("per_org", "org"),
               limit("per_route", "route"), limit("per_user_route", "user", "route")]
FOUR_ATTRIBUTES = ["--attributes", "user={},org=org{%100},route=/checkout"]
# By hand-made frames: with gRPC's own client two cores measure the client.
CLOSED_LOOP = ["--wire", "--in_flight", 64]


def rounds_of(bench):
    """(rounds, seconds of each)."""
    return (3, 1) if bench.quick else (9, 2)


def compare(bench, product, floor, figure, *load_args, tcp=False):
    """Ratio of the two servers under the same load, in turns."""
    rounds, seconds = rounds_of(bench)
    sides = [
        lambda s, server=server: load(bench, server, "--seconds", s,
                                      *load_args, tcp=tcp)
        for server in (product, floor)
    ]
    return Ratio(*in_turns(bench, sides, figure, rounds=rounds, seconds=seconds))


def one_limit(bench):
    ratio = compare(bench, bench.sidecar(ONE_LIMIT), bench.echo(),
                    cpu_us_per_call, *CLOSED_LOOP)
    return [of_ratio("Allow, 1 leased limit, Unix, 64 in flight", ratio,
                     "us CPU", 1.2)]


def one_limit_tuned(bench):
    """Beside an echo with the product's own channel arguments and settings."""
    floor = bench.echo("--tuned", "--nomutex_checks")
    ratio = compare(bench, bench.sidecar(ONE_LIMIT), floor, cpu_us_per_call,
                    *CLOSED_LOOP)
    return [of_ratio("Allow, 1 leased limit, beside the tuned echo", ratio,
                     "us CPU", None)]


def four_limits(bench):
    ratio = compare(bench, bench.sidecar(FOUR_LIMITS), bench.echo(),
                    cpu_us_per_call, *CLOSED_LOOP, *FOUR_ATTRIBUTES)
    return [of_ratio("Allow, 4 limits that match", ratio, "us CPU", 1.4)]


def allow_many(bench):
    ratio = compare(bench, bench.sidecar(ONE_LIMIT), bench.echo(),
                    lambda result: cpu_us_per_call(result) / result["batch"],
                    "--wire", "--in_flight", 16, "--batch", 64)
    row = of_ratio("AllowMany of 64, per decision", ratio, "us CPU", 1.6,
                   digits=2)
    row.goal = "<= 0.5 us or 1.6 x"
    row.reached = ratio.product <= 0.5 or ratio.ratio <= 1.6
    return [row]


def p99_open_loop(bench):
    """The JSON also has how late the loader itself was: it is part of the p99."""
    lags = []

    def figure(result):
        lags.append(result["phases"][0]["send_lag_ns"]["p99"] / 1e3)
        return p99_us(result)

    ratio = compare(bench, bench.sidecar(ONE_LIMIT), bench.echo(), figure,
                    "--rate", 10000)
    row = of_ratio("p99 at 10,000/s, open loop", ratio, "us", 1.3, digits=0)
    row.raw["send_lag_p99_us"] = lags
    return [row]


def low_rate(bench):
    ratio = compare(bench, bench.sidecar(ONE_LIMIT), bench.echo(),
                    cpu_us_per_call, "--rate", 5000)
    return [of_ratio("Allow at 5,000/s", ratio, "us CPU", 1.0)]


def default_echo_tcp(bench):
    ratio = compare(bench, bench.sidecar(ONE_LIMIT), bench.echo(),
                    cpu_us_per_call, *CLOSED_LOOP, tcp=True)
    return [of_ratio("Allow over TCP, beside the default echo", ratio,
                     "us CPU", 1.0)]
