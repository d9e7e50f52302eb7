"""How a thread waits for an answer that another thread brings."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from outrigger.errors import OutriggerError

T = TypeVar("T")


class Waiter(Generic[T]):
    """Sleeps on a lock that the answer opens. `settle` and `live` are used under
    the lock of whoever answers."""

    __slots__ = ("answer", "error", "live", "_gate")

    def __init__(self) -> None:
        #: None: the sidecar did not answer.
        self.answer: T | None = None
        #: The caller's mistake.
        self.error: OutriggerError | None = None
        #: Until it is settled.
        self.live = True
        self._gate = threading.Lock()
        self._gate.acquire()

    def settle(self, answer: T | None, error: OutriggerError | None = None) -> None:
        """Only the first call counts."""
        if self.live:
            self.live = False
            self.answer = answer
            self.error = error
            self._gate.release()

    def wait(self, timeout: float) -> bool:
        """False: it was not settled within so many seconds."""
        return self._gate.acquire(timeout=max(timeout, 0))

    def result(self) -> T | None:
        """Once it is settled."""
        if self.error is not None:
            raise self.error
        return self.answer
