"""The blocking client as awaitables, each call on a thread of its own."""

import asyncio
import concurrent.futures

_threads = concurrent.futures.ThreadPoolExecutor(max_workers=512)
_callers = concurrent.futures.ThreadPoolExecutor(max_workers=64)


async def in_thread(function, *arguments, **named):
    return await asyncio.get_running_loop().run_in_executor(
        _threads, lambda: function(*arguments, **named)
    )


async def many(function, count):
    """Calls it so often, 64 at a time."""
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*[loop.run_in_executor(_callers, function) for _ in range(count)])


class Threaded:
    """Its methods are those of `blocking`, to be awaited."""

    def __init__(self, blocking):
        self._blocking = blocking

    def __getattr__(self, name):
        method = getattr(self._blocking, name)
        return lambda *arguments, **named: in_thread(method, *arguments, **named)
