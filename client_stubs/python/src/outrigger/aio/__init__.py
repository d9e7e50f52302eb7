"""The asyncio client; everything else is as in `outrigger`."""

from outrigger.aio.client import Client
from outrigger.aio.limiter import Limiter

__all__ = ["Client", "Limiter"]
