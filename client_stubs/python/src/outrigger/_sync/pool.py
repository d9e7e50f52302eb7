"""Pools, for threads."""

from __future__ import annotations

from collections.abc import Sequence

from outrigger._core.pool_policy import PoolPolicy, acquire_request
from outrigger._core.stats import Counter
from outrigger._sync.hold import Hold
from outrigger._sync.transport import Transport
from outrigger.errors import NotAcquired
from outrigger.fallbacks import PoolFallback
from outrigger.leasing import Lease
from outrigger.outcomes import Classifier


class Pools:
    """What all pools of a client share. Thread-safe."""

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


class Pool:
    """A pool of connection slots, capped for the whole fleet. `Client.pool(name)`.
    Thread-safe.

        with client.pool("orders-db").acquire() as lease:
            connect(lease.endpoint)
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
    ) -> Lease:
        """A slot, and an endpoint if the pool has any. First come, first served.

        max_wait     seconds to wait for a slot; at most 3,600. 0: only ask.
        role         PRIMARY, REPLICA or SHARD; empty: any endpoint.
        session_key  what keeps to one endpoint, with `balance: sticky` and shards.
        avoid        addresses that have just failed; others are preferred.

        Raises NotAcquired; RequestError; ClientClosed.
        """
        shared = self._shared
        shared.transport.check_open()
        request = acquire_request(self.name, max_wait, role, session_key, tuple(avoid))
        shared.counter.call()
        answer = shared.hold.acquire(request, self._classify, max_wait + shared.transport.timeout)
        if isinstance(answer, NotAcquired):
            raise answer
        if answer is not None:
            return answer
        shared.counter.fallback()
        return shared.policy.acquire(self.name, self._classify)
