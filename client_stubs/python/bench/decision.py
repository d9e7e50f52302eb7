"""A decision of a breaker that is closed: asking, not reporting."""

import statistics
import timeit

import outrigger


def breaker_closed():
    """In ns."""
    with outrigger.Client(timeout=1) as client:
        breaker = client.breaker("bench")
        while not breaker.state.known:
            breaker.call(lambda: None)
        times = timeit.repeat(breaker.ask, number=100_000, repeat=5)
    return statistics.median(times) / 100_000 * 1e9
