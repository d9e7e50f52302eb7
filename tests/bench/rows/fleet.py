"""Several sidecars on one real Redis: what agreeing costs and how well it works."""

from harness.admissions import share_used, worst_share
from harness.loads import Load, Ratio, in_turns
from harness.redis_script import benchmark, capture_decision
from harness.report import Row
from harness.processes import Failed
from rows.calls import limit

KEYS = 10_000


def checked(result):
    if result["errors"]:
        raise Failed(f"calls failed: {result['error_texts']}")
    if result["degraded"]:
        raise Failed(f"{result['degraded']:,} answers were degraded")
    return result


def exact(bench):
    """One sidecar against redis-benchmark with the very same script call."""
    redis = bench.redis()
    sidecar = bench.sidecar([limit("per_user", "user", coordination="exact")],
                            redis)
    argv = capture_decision(redis, sidecar)
    own_us = []

    def by_sidecar(seconds):
        redis.command("CONFIG", "RESETSTAT")
        result = checked(Load(
            bench, [sidecar.unix_target], "--wire", "--batch", 64, "--in_flight", 16,
            "--keys", KEYS, "--seconds", seconds).result())
        calls, usec = redis.command_stats()["evalsha"]
        own_us.append(usec / calls)
        return result["ended"] * 64 / (result["wall_ns"] / 1e9)

    def by_benchmark(seconds):
        return benchmark(redis, argv, calls=int(seconds * 100_000), keys=KEYS,
                         clients=16, pipeline=64)

    rounds, seconds = (3, 1) if bench.quick else (7, 2)
    ratio = Ratio(*in_turns(bench, [by_sidecar, by_benchmark], lambda x: x,
                            rounds=rounds, seconds=seconds))
    low, high = ratio.spread
    middle = sorted(own_us)[len(own_us) // 2]
    bench.notes["exact_script"] = argv
    return [
        Row("exact, decisions a second, one Redis", f"{ratio.product:,.0f}/s",
            f"{ratio.floor:,.0f}/s redis-benchmark",
            f"{ratio.ratio:.2f} ({low:.2f}-{high:.2f})", ">= 0.8 x",
            ratio.ratio >= 0.8, ratio.raw),
        Row("exact, Redis' own time for each", f"{middle:.2f} us", "", None,
            "<= 5 us", middle <= 5, own_us),
    ]


def commands_per_decision(bench):
    redis = bench.redis()
    hot = [limit("per_user", "user", rate="100000/1s", burst=100000)]
    sidecars = [bench.sidecar(hot, redis) for _ in range(3)]
    redis.command("CONFIG", "RESETSTAT")
    # Ten questions in a message: this machine's two cores are also the loader's.
    result = checked(Load(
        bench, [s.unix_target for s in sidecars], "--rate", 2000, "--batch", 10,
        "--keys", 1, "--warmup_seconds", 0,
        "--seconds", 3 if bench.quick else 10).result())
    stats = {name: calls for name, (calls, _) in redis.command_stats().items()
             if not name.startswith(("config", "info"))}
    decisions = result["allowed"] + result["denied"]
    sent = sum(calls for name, calls in stats.items()
               if name in ("evalsha", "eval", "ping", "script|load"))
    figure = sum(stats.values()) / decisions
    return [Row("Redis commands per decision, 3 sidecars, 1 key, 20,000/s",
                f"{figure:.4f}", f"{sent / decisions:.4f} sent by sidecars",
                None, "<= 0.01", figure <= 0.01,
                {"commands": stats, "decisions": decisions})]


def share(bench, what, weights):
    """Three times the limit's rate asked for, spread by `weights`."""
    rate = burst = 2000
    redis = bench.redis()
    limits = [{"name": "shared", "key": ["user"], "rate": f"{rate}/1s",
               "burst": burst}]
    sidecars = [bench.sidecar(limits, redis) for _ in range(3)]
    result = checked(Load(
        bench, [s.unix_target for s in sidecars], "--weights", weights,
        "--rate", 3 * rate / 5, "--batch", 5, "--keys", 1,
        "--warmup_seconds", 0, "--seconds", 4 if bench.quick else 15,
        "--bin_ms", 20, "--admissions").result())
    used = share_used(result, burst, rate)
    worst = worst_share(result, burst, rate)
    bench.close_all()
    return Row(f"share of the limit used at 3 x demand, {what}", f"{used:.3f}",
               "burst + rate x time", f"{worst:.3f} in the worst span",
               ">= 0.97, never > 1", used >= 0.97 and worst <= 1,
               {"share": used, "worst": worst,
                "targets": result["targets"]})


def share_used_rows(bench):
    return [share(bench, "even over 3", "1,1,1"),
            share(bench, "all on one of 3", "1,0,0"),
            share(bench, "90-5-5", "90,5,5")]

