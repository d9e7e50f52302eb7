"""python -m agent [--aio]: serves the suite's requests from standard input."""

import argparse
import asyncio
import json
import sys
import threading
import traceback

import outrigger
import outrigger.aio
from agent.breaker import BreakerOperations
from agent.cache import CacheOperations, LoaderError
from agent.limits import LimitOperations
from agent.pool import PoolOperations
from agent.shapes import options, stats
from agent.threaded import Threaded, in_thread


class Operations(LimitOperations, CacheOperations, BreakerOperations, PoolOperations):
    """All of them, over either client."""

    def __init__(self, aio):
        super().__init__()
        self.aio = aio
        self.client = self.make({})

    def make(self, args):
        return (outrigger.aio.Client if self.aio else outrigger.Client)(**options(args))

    @property
    def limiter(self):
        return self.client.limiter if self.aio else Threaded(self.client.limiter)

    async def end(self, client):
        await (client.close() if self.aio else in_thread(client.close))

    async def configure(self, args):
        await self.end(self.client)
        self.client = self.make(args)
        return {}

    async def close(self, args):
        await self.end(self.client)
        return {}

    async def stats(self, args):
        return stats(self.client.stats())


async def answer(operations, request):
    try:
        method = getattr(operations, request["op"])
        return {"id": request["id"], "ok": await method(request.get("args") or {})}
    except outrigger.OutriggerError as error:
        return {"id": request["id"], "error": {"code": error.code, "message": error.message}}
    except LoaderError as error:
        return {"id": request["id"], "error": {"code": "LOADER", "message": str(error)}}
    except Exception as error:
        traceback.print_exc()
        return {"id": request["id"], "error": {"code": type(error).__name__, "message": str(error)}}


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def serve(aio):
    loop = asyncio.get_running_loop()
    lines = asyncio.Queue()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    operations = Operations(aio)
    under_way = set()

    async def serve_one(request):
        say(await answer(operations, request))

    say({"ready": True})
    while True:
        line = await lines.get()
        if line is None:
            break
        task = loop.create_task(serve_one(json.loads(line)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await operations.end(operations.client)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aio", action="store_true", help="the asyncio client")
    asyncio.run(serve(parser.parse_args().aio))
