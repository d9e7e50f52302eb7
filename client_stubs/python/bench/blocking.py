"""The blocking client's allow."""

import statistics
import threading
import time

import grpc

import outrigger
from bench.bare import (
    CALLERS,
    CALLS,
    HANGING_CALLERS,
    HANGING_CALLS,
    LASTS,
    OPTIONS,
    TARGET,
    request,
)
from outrigger import Source
from outrigger.ratelimit.v1.rate_limiter_pb2_grpc import RateLimiterStub


def one():
    """Medians in µs, of calls in turns: (stub, bare)"""
    with (
        outrigger.Client(timeout=1) as client,
        grpc.insecure_channel(TARGET, options=OPTIONS) as channel,
    ):
        allow, bare = client.limiter.allow, RateLimiterStub(channel).Allow
        took = ([], [])
        for _ in range(CALLS):
            began = time.perf_counter()
            allow(bench="1", limit="bench")
            between = time.perf_counter()
            bare(request(), timeout=1)
            took[0].append(between - began)
            took[1].append(time.perf_counter() - between)
        return [statistics.median(times) * 1e6 for times in took]


def in_threads(caller, count):
    threads = [threading.Thread(target=caller) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def per_second(call):
    counts = []
    began = time.perf_counter()

    def caller():
        calls = 0
        while time.perf_counter() - began < LASTS:
            call()
            calls += 1
        counts.append(calls)

    in_threads(caller, CALLERS)
    return sum(counts) / (time.perf_counter() - began)


def many():
    """Decisions a second: (stub, bare)"""
    with (
        outrigger.Client(timeout=1) as client,
        grpc.insecure_channel(TARGET, options=OPTIONS) as channel,
    ):
        allow, bare = client.limiter.allow, RateLimiterStub(channel).Allow
        return [
            per_second(lambda: allow(bench="1", limit="bench")),
            per_second(lambda: bare(request(), timeout=1)),
        ]


def hang(stopped):
    """The longest, in ms."""
    longest = []

    def caller():
        for _ in range(HANGING_CALLS):
            began = time.perf_counter()
            decision = client.limiter.allow(bench="1", limit="bench")
            longest.append(time.perf_counter() - began)
            assert decision.source is Source.FALLBACK

    with outrigger.Client() as client:
        while client.limiter.allow(bench="1").source is Source.FALLBACK:
            pass
        with stopped:
            in_threads(caller, HANGING_CALLERS)
    return max(longest) * 1000
