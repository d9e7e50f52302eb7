"""What gRPC itself can shed: the echo server's CPU per call, step by step."""

from harness.loads import (Ratio, cpu_us_per_call, in_turns, load)
from harness.report import of_ratio

JEMALLOC = {"LD_PRELOAD": "libjemalloc.so.2"}
SHARED, STATIC = "bench_echo", "bench_echo_static"
# Name, program, its arguments, environment.
STEPS = [
    ("nothing (the noise)", SHARED, [], {}),
    ("polling: epoll1", SHARED, [], {"GRPC_POLL_STRATEGY": "epoll1"}),
    ("polling: poll", SHARED, [], {"GRPC_POLL_STRATEGY": "poll"}),
    ("no BDP probes", SHARED, ["--channel_args", "grpc.http2.bdp_probe=0"], {}),
    ("no channelz", SHARED, ["--channel_args", "grpc.enable_channelz=0"], {}),
    ("no search for deadlocks", SHARED, ["--nomutex_checks"], {}),
    ("minimal stack", SHARED, ["--channel_args", "grpc.minimal_stack=1"], {}),
    ("all of these channel arguments", SHARED, ["--tuned"], {}),
    ("these arguments, no search for deadlocks", SHARED,
     ["--tuned", "--nomutex_checks"], {}),
    ("messages left as bytes", SHARED, ["--raw"], {}),
    ("all of these, and bytes", SHARED, ["--tuned", "--raw", "--nomutex_checks"], {}),
    ("jemalloc", SHARED, [], JEMALLOC),
    ("linked statically", STATIC, [], {}),
    ("static, these arguments, no search for deadlocks", STATIC,
     ["--tuned", "--nomutex_checks"], {}),
    ("the same, and bytes", STATIC, ["--tuned", "--nomutex_checks", "--raw"], {}),
    ("the same, and jemalloc", STATIC,
     ["--tuned", "--nomutex_checks", "--raw"], JEMALLOC),
]


def floor_steps(bench):
    """Each step against the default, at 64 in flight and at 5,000 a second."""
    rounds, seconds = (3, 1) if bench.quick else (7, 2)
    rows = []
    for what, program, args, env in STEPS:
        default = bench.echo()
        changed = bench.echo(*args, program=bench.tool(program), env=env)
        for name, load_args in (("64 in flight", ["--wire", "--in_flight", 64]),
                                ("5,000/s", ["--rate", 5000])):
            figures = in_turns(
                bench,
                [lambda s, server=server: load(bench, server, "--seconds", s,
                                               *load_args)
                 for server in (changed, default)],
                cpu_us_per_call, rounds=rounds, seconds=seconds)
            rows.append(of_ratio(f"echo, {what}, {name}", Ratio(*figures),
                                 "us CPU", None))
        bench.close_all()
    return rows
