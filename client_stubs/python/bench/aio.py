"""The asyncio client's allow."""

import asyncio
import statistics
import time

import grpc.aio

import outrigger.aio
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


async def one():
    """Medians in µs, of calls in turns: (stub, bare)"""
    async with (
        outrigger.aio.Client(timeout=1) as client,
        grpc.aio.insecure_channel(TARGET, options=OPTIONS) as channel,
    ):
        allow, bare = client.limiter.allow, RateLimiterStub(channel).Allow
        took = ([], [])
        for _ in range(CALLS):
            began = time.perf_counter()
            await allow(bench="1", limit="bench")
            between = time.perf_counter()
            await bare(request(), timeout=1)
            took[0].append(between - began)
            took[1].append(time.perf_counter() - between)
        return [statistics.median(times) * 1e6 for times in took]


async def per_second(call):
    calls = 0
    began = time.perf_counter()

    async def caller():
        nonlocal calls
        while time.perf_counter() - began < LASTS:
            await call()
            calls += 1

    await asyncio.gather(*[caller() for _ in range(CALLERS)])
    return calls / (time.perf_counter() - began)


async def many():
    """Decisions a second: (stub, bare)"""
    async with (
        outrigger.aio.Client(timeout=1) as client,
        grpc.aio.insecure_channel(TARGET, options=OPTIONS) as channel,
    ):
        allow, bare = client.limiter.allow, RateLimiterStub(channel).Allow
        return [
            await per_second(lambda: allow(bench="1", limit="bench")),
            await per_second(lambda: bare(request(), timeout=1)),
        ]


async def hang(stopped):
    """The longest, in ms."""
    longest = 0.0

    async def caller(client):
        nonlocal longest
        for _ in range(HANGING_CALLS):
            began = time.perf_counter()
            decision = await client.limiter.allow(bench="1", limit="bench")
            longest = max(longest, time.perf_counter() - began)
            assert decision.source is Source.FALLBACK

    async with outrigger.aio.Client() as client:
        while (await client.limiter.allow(bench="1")).source is Source.FALLBACK:
            pass
        with stopped:
            await asyncio.gather(*[caller(client) for _ in range(HANGING_CALLERS)])
    return longest * 1000
