"""The asyncio client: one for an event loop is enough."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from outrigger._core import forks
from outrigger._core.questions import LimitPolicy
from outrigger._core.stats import Counter, Stats
from outrigger._core.target import resolve
from outrigger.aio.background import BackgroundTasks
from outrigger.aio.breaker import Breaker, Breakers
from outrigger.aio.cache import Cache
from outrigger.aio.limiter import Limiter
from outrigger.aio.pool import Pool, Pools
from outrigger.aio.transport import Transport
from outrigger.codecs import JSON, Codec
from outrigger.fallbacks import BreakerFallback, LimitFallback, PoolFallback
from outrigger.outcomes import Classifier, classify


class Client:
    """All of the sidecar's parts, for the tasks of one event loop: that of the
    first call. Make it anywhere.

    Nothing connects before the first call, and a sidecar that is not there is no
    error. Close it, or use it with `async with`.

    target   where the sidecar is: `unix:///path`, `unix:path`, a path, `host:port`;
             None: $OUTRIGGER_TARGET, or the usual socket.
    timeout  seconds that a call may take; one that may wait, so much longer. Above 0.
    limits, breaker, pool
             what happens while the sidecar does not answer.
    """

    def __init__(
        self,
        target: str | None = None,
        *,
        timeout: float = 0.05,
        limits: LimitFallback = LimitFallback(),
        breaker: BreakerFallback = BreakerFallback(),
        pool: PoolFallback = PoolFallback(),
    ) -> None:
        if not timeout > 0:
            raise ValueError("timeout must be above 0")
        self._transport = Transport(resolve(target), timeout)
        self._limits = Counter()
        self._caches = Counter()
        self._breaker_calls = Counter()
        self._breakers = Breakers(self._transport, breaker, self._breaker_calls)
        self._leases = Counter()
        self._pools = Pools(self._transport, pool, self._leases)
        self._background = BackgroundTasks()
        self._limiter = Limiter(self._transport, LimitPolicy(limits), self._limits)

        forks.register(self)

    def reset(self) -> None:
        """For the library: as new, in a child after a fork."""
        self._transport.reset()
        self._limiter.reset()
        self._caches.reset()
        self._breakers.reset()
        self._pools.reset()
        self._background.reset()

    @property
    def limiter(self) -> Limiter:
        """Rate limits."""
        return self._limiter

    def cache(self, namespace: str, *, codec: Codec = JSON) -> Cache:
        """A configured namespace of the cache, whose values `codec` writes and reads."""
        return Cache(namespace, codec, self._transport, self._caches, self._background)

    def breaker(self, name: str, *, method: str = "", classify: Classifier = classify) -> Breaker:
        """A configured breaker. `method` is the service's, for breakers that tell
        methods apart; `classify` says what an error tells about the service."""
        return Breaker(name, method, classify, self._breakers)

    def pool(self, name: str, *, classify: Classifier = classify) -> Pool:
        """A configured pool. `classify` says of an error that ends a lease's scope
        what it tells about the endpoint."""
        return Pool(name, classify, self._pools)

    @property
    def pending(self) -> int:
        """Questions and leases that the client keeps now: for tests of leaks."""
        return self._limiter.pending + self._pools.hold.pending

    def stats(self) -> Stats:
        """Calls, and those that a fallback answered, since the client was made."""
        return Stats(
            self._limits.read(),
            self._caches.read(),
            self._breaker_calls.read(),
            self._leases.read(),
            self._breakers.reporter.dropped,
        )

    async def flush(self) -> None:
        """Returns when the outcomes of breakers' calls so far have been told to the
        sidecar, or given up. `close` does that, too."""
        await self._breakers.reporter.flush()

    async def close(self) -> None:
        """Ends what is under way, by the policies, and gives back what is held.
        Twice is no error; any other call afterwards raises ClientClosed."""
        if self._transport.refuse():
            async with AsyncExitStack() as parts:  # all, even if this is cancelled
                parts.push_async_callback(self._transport.close)
                parts.push_async_callback(self._background.close)
                parts.push_async_callback(self._breakers.close)
                parts.push_async_callback(self._pools.hold.close)
                parts.push_async_callback(self._limiter.close)

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
