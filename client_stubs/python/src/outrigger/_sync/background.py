"""Work that goes on while its caller has gone on."""

from __future__ import annotations

import contextvars
import threading
from typing import Callable

MOST = 64


class BackgroundThreads:
    """At most 64 threads at a time. Thread-safe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._room = threading.BoundedSemaphore(MOST)

    def start(self, work: Callable[[], object]) -> bool:
        """False: there is no room, and `work` is not done."""
        if not self._room.acquire(blocking=False):
            return False
        context = contextvars.copy_context()

        def run() -> None:
            try:
                context.run(work)
            finally:
                self._room.release()

        try:
            threading.Thread(target=run, name="outrigger-refresh", daemon=True).start()
        except RuntimeError:  # the process may have no more
            self._room.release()
            return False
        return True
