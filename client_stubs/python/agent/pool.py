"""What the suite asks of pools, and of clients that come and go."""

import asyncio
import time

import outrigger
import outrigger.aio
from agent.shapes import given, milliseconds, seconds
from agent.threaded import in_thread
from outrigger import NotAcquired, Result


class Failed(Exception):
    """What a scope's body raises."""


class PoolOperations:
    """Needs `client`, of either kind, and `aio`: which."""

    def __init__(self):
        super().__init__()
        self._held = {}

    async def _acquire(self, client, pool, **options):
        acquire = client.pool(pool).acquire
        return await (acquire(**options) if self.aio else in_thread(acquire, **options))

    async def acquire(self, args):
        try:
            lease = await self._acquire(
                self.client,
                args["pool"],
                **given(args, "role", "session_key"),
                **seconds(args, "max_wait_ms"),
            )
        except NotAcquired as refused:
            return {
                "acquired": False,
                "reason": refused.reason,
                "advice": refused.advice,
                "retry_after_ms": milliseconds(refused.retry_after),
                "source": refused.source.value,
            }
        self._held[args["as"]] = lease
        return {
            "acquired": True,
            "endpoint": lease.endpoint,
            "fencing_token": str(lease.fencing_token),
            "overflow": lease.overflow,
            "source": lease.source.value,
        }

    async def release(self, args):
        self._held[args["as"]].release(Result[args.get("result", "ignored").upper()])
        return {}

    async def lease(self, args):
        return {"lost": self._held[args["as"]].lost}

    async def with_lease(self, args):
        pool = self.client.pool(args["pool"])

        def body():
            with pool.acquire():
                if args.get("fail"):
                    raise Failed

        async def body_in_task():
            async with pool.acquire():
                if args.get("fail"):
                    raise Failed

        try:
            await (body_in_task() if self.aio else in_thread(body))
        except Failed:
            return {"acquired": True, "threw": True}
        except NotAcquired:
            return {"acquired": False, "threw": False}
        return {"acquired": True, "threw": False}

    async def cycle_leases(self, args):
        acquired = 0
        left = args["count"]

        async def cycle():
            nonlocal acquired, left
            while left > 0:
                left -= 1
                (await self._acquire(self.client, args["pool"])).release(Result.SUCCESS)
                acquired += 1

        await asyncio.gather(*[cycle() for _ in range(32)])
        until = time.monotonic() + 5
        while self.client.pending and time.monotonic() < until:
            await asyncio.sleep(0.001)  # the last releases are being written
        return {"acquired": acquired, "pending": self.client.pending}

    async def cycle_clients(self, args):
        done = 0
        for _ in range(args["count"]):
            await (self._use_client_in_task() if self.aio else in_thread(self._use_client))
            done += 1
        return {"done": done}

    def _use_client(self):
        with outrigger.Client() as client:
            client.limiter.allow(user="0")
            try:
                with client.pool("wide").acquire():
                    pass
            except NotAcquired:
                pass
            with client.breaker("bench"):
                pass

    async def _use_client_in_task(self):
        async with outrigger.aio.Client() as client:
            await client.limiter.allow(user="0")
            try:
                async with client.pool("wide").acquire():
                    pass
            except NotAcquired:
                pass
            async with client.breaker("bench"):
                pass
