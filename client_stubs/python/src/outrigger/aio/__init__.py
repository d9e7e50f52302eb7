"""The asyncio client; everything else is as in `outrigger`."""

from outrigger.aio.breaker import Breaker, GuardedCall
from outrigger.aio.cache import Cache
from outrigger.aio.client import Client
from outrigger.aio.limiter import Limiter
from outrigger.aio.pool import Pool

__all__ = ["Breaker", "Cache", "Client", "GuardedCall", "Limiter", "Pool"]
