"""What the mock sidecar says: the documents of src/analyser/report.h in states
that a person may meet. Every state is made by a fixed seed, so that pictures
and tests are the same each time."""

import math
import random

NOW = 1_767_225_600.0
POINTS = 300


def _wave(rng, base, swing, noise, points=POINTS, at=0):
    """A series around `base` that rises and falls slowly, never below 0."""
    return [max(0.0, base + swing * math.sin((i + at) / 31) + rng.gauss(0, noise)) for i in range(points)]


def _limit(rng, name, admitted, denied, at, **more):
    yes = _wave(rng, admitted, admitted * 0.15, admitted * 0.06, 60, at)
    no = _wave(rng, denied, denied * 0.6, denied * 0.1, 60, at)
    return {"name": name, "admitted_rate": sum(yes[-10:]) / 10, "denied_rate": sum(no[-10:]) / 10,
            "shadow_denied_rate": 0, "degraded_rate": 0, "local_share": 0.987, "used": 0.4,
            "history": {"admitted": yes, "denied": no}, **more}


def _method(name, rate, errors, p50, p95, p99, slower=1.0):
    return {"method": name, "rate": rate, "error_rate": errors, "mean_s": p50 * 1.3, "p50_s": p50, "p95_s": p95,
            "p99_s": p99, "baseline_mean_s": p50 * 1.3 / slower}


def empty(at):
    """A sidecar just started: no limits, no calls."""
    nothing = [None] * min(POINTS, at + 5)
    zero = [0] * len(nothing)
    return {
        "now": NOW + at, "step_s": 1, "uptime_s": 5 + at, "version": "0.1.0", "service": "checkout",
        "degraded": False, "pods": 1,
        "totals": {
            "rpc_rate": zero, "rpc_error_rate": nothing, "rpc_p50_s": nothing, "rpc_p95_s": nothing,
            "rpc_p99_s": nothing, "admitted_rate": zero, "denied_rate": zero, "degraded_rate": zero,
            "redis_rate": nothing, "cpu_cores": [0.002] * len(zero), "rss_bytes": [15_300_000] * len(zero),
            "throttled_share": nothing, "cache_hit_rate": nothing, "pool_used_share": nothing,
            "telemetry_dropped_rate": zero},
        "limits": [], "limits_left_out": {"count": 0}, "caches": [], "breakers": [], "pools": [], "redis": None,
        "methods": [], "findings": []}


def _busy_totals(rng, at):
    return {
        "rpc_rate": _wave(rng, 4200, 700, 150, at=at),
        "rpc_error_rate": _wave(rng, 0.0004, 0.0003, 0.0002, at=at),
        "rpc_p50_s": _wave(rng, 0.00021, 0.00002, 0.00001, at=at),
        "rpc_p95_s": _wave(rng, 0.00062, 0.00009, 0.00005, at=at),
        "rpc_p99_s": _wave(rng, 0.0014, 0.0003, 0.00015, at=at),
        "admitted_rate": _wave(rng, 3800, 600, 140, at=at),
        "denied_rate": _wave(rng, 420, 260, 40, at=at),
        "shadow_denied_rate": _wave(rng, 12, 5, 2, at=at),
        "degraded_rate": [0] * POINTS,
        "redis_rate": _wave(rng, 61, 9, 4, at=at),
        "redis_p95_s": _wave(rng, 0.0009, 0.0001, 0.00008, at=at),
        "redis_errors": [0] * POINTS,
        "redis_in_flight": _wave(rng, 2, 1, 0.5, at=at),
        "cpu_cores": _wave(rng, 0.11, 0.02, 0.008, at=at),
        "rss_bytes": [24.1e6 + 900 * (i + at) for i in range(POINTS)],
        "throttled_share": [0] * POINTS,
        "cache_hit_rate": _wave(rng, 0.94, 0.02, 0.004, at=at),
        "pool_used_share": _wave(rng, 0.61, 0.1, 0.03, at=at),
        "telemetry_dropped_rate": [0] * POINTS}


def _busy_parts(rng, at):
    hits = _wave(rng, 0.94, 0.03, 0.01, 60, at)
    return {
        "caches": [
            {"name": "products", "rate": 1830, "hit_rate": hits[-1],
             "results": {"hit": 1720, "stale": 38, "negative": 21, "miss": 51}, "history": {"hit_rate": hits}},
            {"name": "sessions", "rate": 240, "hit_rate": 0.988, "results": {"hit": 237, "miss": 3},
             "history": {"hit_rate": _wave(rng, 0.98, 0.01, 0.003, 60, at)}}],
        "breakers": [
            {"name": "payments", "state": "closed", "rejected_rate": 0, "transitions": 0, "history": [
                {"at": NOW + at - 214, "state": "open"}, {"at": NOW + at - 154, "state": "half_open"},
                {"at": NOW + at - 141, "state": "closed"}]},
            {"name": "mail", "state": "closed", "rejected_rate": 0, "transitions": 0, "history": []}],
        "pools": [
            {"name": "postgres", "leases": 12, "limit": 20, "used_share": 0.6, "waiting": 0, "timeout_rate": 0,
             "history": {"leases": [round(x) for x in _wave(rng, 12, 3, 1, 60, at)]}},
            {"name": "search", "leases": 3, "limit": 40, "used_share": 0.075, "waiting": 0, "timeout_rate": 0,
             "history": {"leases": [round(x) for x in _wave(rng, 4, 2, 1, 60, at)]}}],
        "redis": {
            "rate": 61, "in_flight": 2, "error_rate": 0, "p50_s": 0.00031, "p95_s": 0.0009, "p99_s": 0.0021,
            "errors": {"timeout": 0, "disconnected": 0}, "reconnects": 0, "noscript": 0, "redirects": 0,
            "operations": [_method("EVALSHA lease", 48, 0, 0.00033, 0.00092, 0.0022),
                           _method("EVALSHA give_back", 9, 0, 0.00028, 0.0007, 0.0012),
                           _method("PING", 1, 0, 0.0001, 0.0002, 0.0003)]},
        "methods": [_method("outrigger.ratelimit.v1.RateLimiter/Allow", 3900, 0.0002, 0.0002, 0.0006, 0.0013),
                    _method("outrigger.ratelimit.v1.RateLimiter/AllowMany", 210, 0, 0.0009, 0.0021, 0.0048),
                    _method("outrigger.ratelimit.v1.RateLimiter/Report", 90, 0, 0.00016, 0.0004, 0.0007)]}


def busy(at):
    """All is well, and there is much to see."""
    rng = random.Random(7 + at)
    return {
        **empty(at), "uptime_s": 93_784 + at, "pods": 12, "totals": _busy_totals(rng, at),
        "limits": [
            _limit(rng, "per_user", 2310, 260, at, used=0.62),
            _limit(rng, "per_organisation", 910, 0, at, used=0.31),
            _limit(rng, "per_tier", 402, 118, at, used=0.97),
            _limit(rng, "checkout", 131, 42, at, used=0.88),
            _limit(rng, "upstream", 46, 0, at, used=0.2, local_share=None),
            _limit(rng, "search_new_rate", 31, 0, at, used=0.5, shadow_denied_rate=12.3)],
        **_busy_parts(rng, at)}


def degraded(at):
    """Redis is gone, a breaker is open, a pool is full, calls are slow."""
    report = busy(at)
    rng = random.Random(3 + at)
    gone = 70  # for so many seconds
    totals = report["totals"]
    lost = slice(POINTS - gone, POINTS)
    totals["degraded_rate"][lost] = _wave(rng, 3600, 300, 90, gone)
    totals["denied_rate"][lost] = _wave(rng, 1500, 200, 60, gone)
    totals["admitted_rate"][lost] = _wave(rng, 2400, 200, 60, gone)
    totals["redis_p95_s"][lost] = [None] * gone
    totals["redis_rate"][lost] = [2] * gone
    totals["redis_errors"][lost] = [2] * gone
    totals["rpc_p99_s"][lost] = _wave(rng, 0.0086, 0.001, 0.0009, gone)
    totals["rpc_error_rate"][lost] = _wave(rng, 0.072, 0.01, 0.006, gone)
    totals["throttled_share"][lost] = _wave(rng, 0.22, 0.05, 0.03, gone)
    totals["telemetry_dropped_rate"][lost] = [14] * gone
    totals["rpc_p95_s"][lost] = _wave(rng, 0.0043, 0.0004, 0.0003, gone)
    totals["rpc_p50_s"][lost] = _wave(rng, 0.0022, 0.0002, 0.0001, gone)
    totals["cache_hit_rate"][lost] = [0.93 - 0.32 * min(1, i / 30) for i in range(gone)]
    totals["pool_used_share"][lost] = [min(1, 0.6 + i / 60) for i in range(gone)]
    report["limits"] = [
        _limit(rng, limit["name"], limit["admitted_rate"] * 0.62, limit["admitted_rate"] * 0.35 + limit["denied_rate"],
               at, used=1.0, local_share=1,
               degraded_rate=limit["admitted_rate"] + limit["denied_rate"]) for limit in report["limits"]]
    report["breakers"][0].update(state="open", rejected_rate=88.4, transitions=5, history=[
        {"at": NOW + at - back, "state": state} for back, state in
        ((68, "open"), (51, "half_open"), (46, "open"), (22, "half_open"), (15, "open"))])
    report["breakers"][1].update(state="half_open", history=[
        {"at": NOW + at - 95, "state": "open"}, {"at": NOW + at - 9, "state": "half_open"}])
    report["pools"][0].update(leases=20, used_share=1.0, waiting=17, timeout_rate=2.4,
                              history={"leases": [min(20, 11 + i // 3) for i in range(60)]})
    report["caches"][0].update(hit_rate=0.61, history={"hit_rate": [0.93 - 0.32 * min(1, i / 30) for i in range(60)]},
                               results={"hit": 1116, "stale": 190, "miss": 524})
    report["redis"].update(rate=2, error_rate=1, errors={"timeout": 1.6, "disconnected": 0.4}, reconnects=31,
                           p50_s=None, p95_s=None, p99_s=None, operations=[])
    report["methods"][0] = _method("outrigger.ratelimit.v1.RateLimiter/Allow", 3700, 0.072, 0.0022, 0.0043, 0.0091, 2.9)
    report.update(degraded=True, pods=12, findings=findings(at))
    return report


def findings(at):
    """As the analyser words them."""
    def one(back, kind, subject, severity, title, cause, advice, **evidence):
        return {"id": f"{kind}:{subject}" if subject else kind, "kind": kind, "subject": subject, "severity": severity,
                "title": title, "evidence": {"window_s": 60, **evidence}, "likely_cause": cause, "advice": advice,
                "since": NOW + at - back}
    allow = "outrigger.ratelimit.v1.RateLimiter/Allow"
    return [
        one(70, "degraded_mode", "", "critical", "The fleet's store is out of reach",
            "Redis is down or cannot be reached from this pod.",
            "Limits go on by on_store_loss; bring Redis back, and look at the log for why it cannot be reached.",
            degraded_s=60, value=1, threshold=0.1),
        one(52, "error_rate", "", "warning", "Calls fail",
            "The sidecar or what it depends on is failing; denials do not count.",
            "See which method fails under methods, and the log for the errors' texts.",
            calls=221_000, errors=15_900, value=0.072, threshold=0.05),
        one(31, "slow_operation", allow, "warning", f"{allow} is slower than usual",
            "What it depends on has become slower, or its load has changed.",
            "Compare with when it began: a deployment, Redis, traffic.",
            calls=221_000, mean_s=0.0031, usual_mean_s=0.0011, value=2.9, threshold=2),
        one(3, "anomaly", "rpc_p95_s", "info", "The calls' 95th percentile is unusual",
            "Something is different from the last hours, or from this time of day.",
            "Compare with when it began; if it is meant, it is usual in half an hour.",
            value=0.0042, usual=0.0006, deviation=0.0005, deviations_away=7.2, threshold=6)]


def many(at):
    """300 limits with long names, and more that are not listed."""
    report = busy(at)
    rng = random.Random(11 + at)
    report["limits"] = [
        _limit(rng, f"team_{i % 17}_service_{i:03}_with_a_rather_long_name", 3000 / (i + 1), 40 * (i % 3), at,
               used=(i % 11) / 10) for i in range(300)]
    report["findings"] = [{"id": f"limit_denied:{i}", "kind": "limit_denied", "severity": "info" if i else "warning",
                           "title": f"Limit {i} turns away much of its traffic", "evidence": {"value": 0.6},
                           "since": NOW + at} for i in reversed(range(14))]
    report["limits_left_out"] = {"count": 41, "admitted_rate": 3.5, "denied_rate": 0.2}
    return report


def gaps(at):
    """What a strange sidecar might say: parts missing, null, or of a wrong kind."""
    report = busy(at)
    for key in ("pods", "version", "uptime_s", "methods", "limits_left_out"):
        del report[key]
    report["totals"] = {"rpc_rate": [1, None, "x", 4, None], "admitted_rate": None, "rss_bytes": [None, 5e6]}
    report["limits"] = [{"name": "bare"}, None, 7, {"name": "<b>bold</b>", "admitted_rate": "many", "history": 3}]
    report["caches"] = [{"name": "no_results"}]
    report["breakers"] = [{"name": "odd", "state": "thinking", "history": [{"at": None}, {"state": "open"}]}]
    report["pools"] = [{"name": "no_cap", "leases": 4, "limit": None, "used_share": None}]
    report["redis"] = {}
    report["findings"] = [{"title": "Only a title"}]
    return report


def health(state, at):
    """The document of /performance/health that goes with a state."""
    def check(name, status, value, threshold, unit="1"):
        return {"name": name, "status": status, "value": value, "threshold": threshold, "unit": unit}
    bad = state == "degraded"
    if state == "empty":
        checks = [check("error_rate", "no_data", None, 0.05)]
    else:
        checks = [
            check("response_time_p95", "healthy", 0.0006, 1, "s"),
            check("error_rate", "degraded" if bad else "healthy", 0.072 if bad else 0.0004, 0.05),
            check("cache_hit_rate", "degraded" if bad else "healthy", 0.61 if bad else 0.94, 0.8),
            check("pool_utilization", "unhealthy" if bad else "healthy", 1.0 if bad else 0.6, 0.9),
            check("breaker_flapping", "degraded" if bad else "healthy", 5 if bad else 0, 4, "{transition}"),
            check("redis_latency", "no_data" if bad else "healthy", None if bad else 0.0009, 0.05, "s"),
            check("degraded_mode", "unhealthy" if bad else "healthy", 1 if bad else 0, 0.1),
            check("slow_operation", "degraded" if bad else "healthy", 2.9 if bad else 1.02, 2),
            check("throttled_cpu", "degraded" if bad else "healthy", 0.22 if bad else 0, 0.1)]
    return {"grade": "D" if bad else "A", "score": 41 if bad else 100, "window_s": 60, "checks": checks,
            "status": "unhealthy" if bad else "healthy", "findings": findings(at) if bad else [],
            "generated_at": NOW + at}


STATES = {"empty": empty, "busy": busy, "degraded": degraded, "many": many, "gaps": gaps}
