"""Work that goes on while its caller has gone on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Callable

MOST = 64


class BackgroundTasks:
    """At most 64 tasks at a time."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> bool:
        """False: there is no room, and `work` is not done."""
        if self._closed or len(self._tasks) >= MOST:
            return False
        task = asyncio.get_running_loop().create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def close(self) -> None:
        """Cancels what is under way."""
        self._closed = True
        await asyncio.sleep(0)  # all have begun: one that has not could not clean up
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
