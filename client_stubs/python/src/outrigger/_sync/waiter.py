"""How a thread waits for an answer that another thread brings."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from outrigger.errors import OutriggerError

T = TypeVar("T")


class Waiter(Generic[T]):
    """Sleeps on a lock that the answer opens. Thread-safe."""

    __slots__ = ("answer", "error", "_unsettled", "_gate")

    def __init__(self) -> None:
        #: None: the sidecar did not answer.
        self.answer: T | None = None
        #: The caller's mistake.
        self.error: OutriggerError | None = None
        self._unsettled = [True]  # taken out by who settles it: that is atomic
        self._gate = threading.Lock()
        self._gate.acquire()

    def settle(self, answer: T | None, error: OutriggerError | None = None) -> None:
        """Only the first call counts."""
        try:
            self._unsettled.pop()
        except IndexError:
            return
        self.answer = answer
        self.error = error
        self._gate.release()

    @property
    def live(self) -> bool:
        """Until it is settled."""
        return bool(self._unsettled)

    def wait(self, timeout: float) -> bool:
        """False: it was not settled within so many seconds."""
        return self._gate.acquire(timeout=max(timeout, 0))

    def result(self) -> T | None:
        """Once it is settled."""
        if self.error is not None:
            raise self.error
        return self.answer
