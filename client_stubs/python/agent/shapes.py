"""The library's answers and options, as the suite's protocol writes them."""

import outrigger


def milliseconds(seconds):
    return None if seconds is None else seconds * 1000


def seconds(arguments, name):
    """{name without _ms: seconds}, if it was given."""
    if arguments.get(name) is None:
        return {}
    return {name[: -len("_ms")]: arguments[name] / 1000}


def given(arguments, *names):
    return {name: arguments[name] for name in names if arguments.get(name) is not None}


def options(arguments):
    """Of a client."""
    chosen = {}
    if "timeout_ms" in arguments:
        chosen["timeout"] = arguments["timeout_ms"] / 1000
    for part, fallback, renamed in (
        ("limits", outrigger.LimitFallback, {"rate_per_s": "rate"}),
        ("breaker", outrigger.BreakerFallback, {}),
        ("pool", outrigger.PoolFallback, {}),
    ):
        policy = dict(arguments.get(part) or {})
        if "on_unavailable" in policy:
            policy["mode"] = policy.pop("on_unavailable")
        if "open_for_ms" in policy:
            policy["open_for"] = policy.pop("open_for_ms") / 1000
        chosen[part] = fallback(
            **{renamed.get(name, name): value for name, value in policy.items()}
        )
    return chosen


def stats(read):
    return {part: getattr(read, part)._asdict() for part in ("limits", "cache", "breaker", "pool")}


def decision(made):
    return {
        "allowed": made.allowed,
        "limit": made.limit,
        "remaining": made.remaining,
        "retry_after_ms": milliseconds(made.retry_after),
        "reset_after_ms": milliseconds(made.reset_after),
        "degraded": made.degraded,
        "source": made.source.value,
        "statuses": [
            {
                "limit": one.limit,
                "allowed": one.allowed,
                "remaining": one.remaining,
                "burst": one.burst,
                "window_ms": milliseconds(one.window),
            }
            for one in made.statuses
        ],
    }


def headers(made):
    return {
        "status": 200 if made.allowed else 429,
        "headers": {
            name.lower(): value for name, value in outrigger.rate_limit_headers(made).items()
        },
    }
