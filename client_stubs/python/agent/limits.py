"""What the suite asks of limits."""

import asyncio

from agent.shapes import decision, given, headers, seconds
from agent.threaded import many


class LimitOperations:
    """Needs `limiter` and `client`, of either kind, and `aio`: which."""

    async def allow(self, args):
        return decision(
            await self.limiter.allow(
                args.get("attributes"),
                **given(args, "cost", "limit", "detail"),
                **seconds(args, "max_wait_ms"),
            )
        )

    async def wait_if_needed(self, args):
        return decision(
            await self.limiter.wait_if_needed(
                args.get("attributes"), **given(args, "cost"), **seconds(args, "max_wait_ms")
            )
        )

    async def allow_burst(self, args):
        made = await self.allow_many(args.get("attributes"), args["count"])
        return {
            "allowed": sum(one.allowed for one in made),
            "denied": sum(not one.allowed for one in made),
            "fallbacks": sum(one.source.value == "fallback" for one in made),
        }

    async def allow_many(self, attributes, count):
        limiter = self.client.limiter
        if self.aio:
            return await asyncio.gather(*[limiter.allow(attributes) for _ in range(count)])
        return await many(lambda: limiter.allow(attributes), count)

    async def report_outcome(self, args):
        return {
            "current_rate": await self.limiter.report(
                args.get("attributes"), result=args["result"], **given(args, "limit")
            )
        }

    async def refund(self, args):
        await self.limiter.refund(args.get("attributes"), **given(args, "cost", "limit"))
        return {}

    async def headers(self, args):
        return headers(
            await self.limiter.allow(args.get("attributes"), detail=True, **given(args, "cost"))
        )
