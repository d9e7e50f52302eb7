"""What the suite asks of caches."""

import asyncio
import collections
import threading

from agent.shapes import given, seconds
from agent.threaded import Threaded
from outrigger import TEXT

_NOTHING = object()


class LoaderError(Exception):
    """What a loader of the suite's raises."""


class Hold:
    """Keeps loaders and bodies, until it is opened for ever."""

    def __init__(self):
        self._for_threads = threading.Event()
        self._for_tasks = asyncio.Event()

    def open(self):
        self._for_threads.set()
        self._for_tasks.set()

    def wait(self):
        self._for_threads.wait()

    async def wait_in_task(self):
        await self._for_tasks.wait()


class CacheOperations:
    """Needs `client`, of either kind, and `aio`: which."""

    def __init__(self):
        super().__init__()
        self._holds = collections.defaultdict(Hold)
        self._loads = collections.Counter()

    def cache(self, args):
        cache = self.client.cache(args["namespace"], codec=TEXT)
        return cache if self.aio else Threaded(cache)

    def hold(self, args):
        """None, or what the caller named."""
        return self._holds[args["hold"]] if args.get("hold") else None

    async def unhold(self, args):
        self._holds[args["hold"]].open()
        return {}

    async def loads(self, args):
        return {"count": self._loads[args["namespace"], args["key"]]}

    def _loader(self, args):
        what = args["loader"]
        hold = self.hold(what)

        def begin():
            self._loads[args["namespace"], args["key"]] += 1

        def end():
            if "error" in what:
                raise LoaderError(what["error"])
            return what.get("value")

        def load():
            begin()
            if hold:
                hold.wait()
            return end()

        async def load_in_task():
            begin()
            if hold:
                await hold.wait_in_task()
            return end()

        return load_in_task if self.aio else load

    async def get_or_load(self, args):
        found = await self.cache(args).fetch(
            args["key"],
            self._loader(args),
            **given(args, "tags"),
            **seconds(args, "ttl_ms"),
            **seconds(args, "stale_for_ms"),
            **seconds(args, "max_wait_ms"),
        )
        return {"value": found.value, "loaded": found.loaded, "source": found.source.value}

    async def get_or_load_many(self, args):
        asked = []

        def load(keys):
            asked.extend(keys)
            return args["loader"]["values"]

        async def load_in_task(keys):
            return load(keys)

        values = await self.cache(args).get_or_load_many(
            args["keys"], load_in_task if self.aio else load
        )
        return {"values": values, "loaded": sorted(asked)}

    async def cache_get(self, args):
        value = await self.cache(args).get(args["key"], _NOTHING)
        found = value is not _NOTHING
        return {"found": found, "value": value if found else None}

    async def cache_set(self, args):
        result = await self.cache(args).set(
            args["key"],
            args["value"],
            **given(args, "tags"),
            **seconds(args, "ttl_ms"),
            **seconds(args, "stale_for_ms"),
        )
        return {"stored": result.stored, "source": result.source.value}

    async def cache_delete(self, args):
        return {"deleted": (await self.cache(args).delete(args["key"])).deleted}

    async def cache_invalidate(self, args):
        await self.cache(args).invalidate(
            args.get("keys") or (), **given(args, "tags", "glob", "soft")
        )
        return {}
