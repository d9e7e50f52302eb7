"""Outrigger: rate limits, a cache, circuit breakers and connection pools for a
whole fleet, from the sidecar in the pod.

    import outrigger

    client = outrigger.Client()
    if not client.limiter.allow(user="42"):
        ...

`outrigger.aio.Client` is the same for asyncio.
"""

from outrigger._core.stats import PartStats, Stats
from outrigger._core.watch_table import BreakerState
from outrigger._sync.breaker import Breaker, GuardedCall
from outrigger._sync.cache import Cache
from outrigger._sync.limiter import Limiter
from outrigger._sync.pool import Pool
from outrigger.caching import Cached, DeleteResult, InvalidateResult, SetResult
from outrigger.client import Client
from outrigger.codecs import BYTES, JSON, TEXT, Codec
from outrigger.errors import (
    BreakerOpen,
    ClientClosed,
    NotAcquired,
    OutriggerError,
    RateLimited,
    RequestError,
)
from outrigger.fallbacks import BreakerFallback, LimitFallback, PoolFallback
from outrigger.leasing import Lease
from outrigger.limits import Decision, LimitStatus, rate_limit_headers
from outrigger.outcomes import Classifier, Result, classify
from outrigger.source import Source

__version__ = "0.1.0"

__all__ = [
    "BYTES",
    "Breaker",
    "BreakerFallback",
    "BreakerOpen",
    "BreakerState",
    "Cache",
    "Cached",
    "Classifier",
    "Client",
    "ClientClosed",
    "Codec",
    "Decision",
    "DeleteResult",
    "GuardedCall",
    "InvalidateResult",
    "JSON",
    "Lease",
    "LimitFallback",
    "LimitStatus",
    "Limiter",
    "NotAcquired",
    "OutriggerError",
    "PartStats",
    "Pool",
    "PoolFallback",
    "RateLimited",
    "RequestError",
    "Result",
    "SetResult",
    "Source",
    "Stats",
    "TEXT",
    "classify",
    "rate_limit_headers",
]
