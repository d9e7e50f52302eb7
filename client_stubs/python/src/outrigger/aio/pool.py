"""Pools, for asyncio."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from types import TracebackType
from typing import Any

from outrigger._core.pool_policy import PoolPolicy, acquire_request
from outrigger._core.stats import Counter
from outrigger.aio.hold import Hold
from outrigger.aio.transport import Transport
from outrigger.errors import NotAcquired
from outrigger.fallbacks import PoolFallback
from outrigger.leasing import Lease
from outrigger.outcomes import Classifier
from outrigger.pool.v1 import pool_pb2 as pb


class Pools:
    """What all pools of a client share."""

    def __init__(self, transport: Transport, fallback: PoolFallback, counter: Counter) -> None:
        self.transport = transport
        self.counter = counter
        self.policy = PoolPolicy(fallback)
        self.hold = Hold(transport)

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self.counter.reset()
        self.policy.reset()
        self.hold.reset()


class Acquiring:
    """To be awaited, for a lease; or for `async with`, which gives it back."""

    def __init__(
        self,
        pool: str,
        request: pb.AcquireRequest,
        timeout: float,
        classify: Classifier,
        shared: Pools,
    ) -> None:
        self._pool = pool
        self._request = request
        self._timeout = timeout
        self._classify = classify
        self._shared = shared
        self._lease: Lease | None = None

    def __await__(self) -> Generator[Any, None, Lease]:
        return self._acquire().__await__()

    async def _acquire(self) -> Lease:
        shared = self._shared
        shared.transport.check_open()
        shared.counter.call()
        answer = await shared.hold.acquire(self._request, self._classify, self._timeout)
        if isinstance(answer, NotAcquired):
            raise answer
        if answer is not None:
            return answer
        shared.counter.fallback()
        return shared.policy.acquire(self._pool, self._classify)

    async def __aenter__(self) -> Lease:
        self._lease = await self._acquire()
        return self._lease

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._lease is not None
        self._lease.__exit__(kind, error, trace)


class Pool:
    """A pool of connection slots, capped for the whole fleet. `Client.pool(name)`.

    async with client.pool("orders-db").acquire() as lease:
        await connect(lease.endpoint)
    """

    def __init__(self, name: str, classify: Classifier, shared: Pools) -> None:
        #: As configured.
        self.name = name
        self._classify = classify
        self._shared = shared

    def acquire(
        self,
        *,
        max_wait: float = 5,
        role: str = "",
        session_key: str = "",
        avoid: Sequence[str] = (),
    ) -> Acquiring:
        """A slot, and an endpoint if the pool has any. First come, first served.

        max_wait     seconds to wait for a slot; at most 3,600. 0: only ask.
        role         PRIMARY, REPLICA or SHARD; empty: any endpoint.
        session_key  what keeps to one endpoint, with `balance: sticky` and shards.
        avoid        addresses that have just failed; others are preferred.

        Awaiting it raises NotAcquired; RequestError; ClientClosed.
        """
        request = acquire_request(self.name, max_wait, role, session_key, tuple(avoid))
        return Acquiring(
            self.name,
            request,
            max_wait + self._shared.transport.timeout,
            self._classify,
            self._shared,
        )
