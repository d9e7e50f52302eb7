"""One channel a target in this process, shared by its clients."""

from __future__ import annotations

import threading
from typing import Any

import grpc

from outrigger._core import forks
from outrigger._core.target import CHANNEL_OPTIONS

_lock = threading.Lock()
_channels: dict[str, list[Any]] = {}  # [channel, users]


def take(target: str) -> Any:
    """The channel, made by the first that asks. Give it back with `give_back`."""
    with _lock:
        forks.state.blocking_used = True
        entry = _channels.get(target)
        if entry is None:
            channel = grpc.insecure_channel(target, options=CHANNEL_OPTIONS)
            entry = _channels[target] = [channel, 0]
        entry[1] += 1
        return entry[0]


def give_back(target: str) -> None:
    """Closes the channel if this was its last user."""
    with _lock:
        entry = _channels[target]
        entry[1] -= 1
        if entry[1] == 0:
            del _channels[target]
            entry[0].close()


def _after_fork() -> None:
    """In a child: the parent's channels are not its own."""
    global _lock
    _lock = threading.Lock()
    forks.keep(dict(_channels))
    _channels.clear()


forks.before_clients(_after_fork)
