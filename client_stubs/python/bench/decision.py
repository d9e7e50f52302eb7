"""A decision of a breaker that is closed: asking, not reporting."""

import statistics
import timeit

import outrigger

CALLS = 100  # fewer than anything that interrupts lets pass


def breaker_closed():
    """In ns."""
    with outrigger.Client(timeout=1) as client:
        breaker = client.breaker("bench")
        while not breaker.state.known:
            breaker.call(lambda: None)
        times = timeit.repeat(breaker.ask, number=CALLS, repeat=5001)
    return statistics.median(times) / CALLS * 1e9
