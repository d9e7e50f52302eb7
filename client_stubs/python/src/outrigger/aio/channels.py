"""One channel a target in an event loop, shared by its clients."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

import grpc.aio

from outrigger._core import forks
from outrigger._core.target import CHANNEL_OPTIONS

# For each loop: by target, [channel, users].
_channels: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, list[Any]]] = WeakKeyDictionary()


def take(loop: asyncio.AbstractEventLoop, target: str) -> Any:
    """The channel, made by the first that asks. Give it back with `give_back`."""
    forks.state.asyncio_used = True
    entries = _channels.setdefault(loop, {})
    entry = entries.get(target)
    if entry is None:
        channel = grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS)
        entry = entries[target] = [channel, 0]
    entry[1] += 1
    return entry[0]


async def give_back(loop: asyncio.AbstractEventLoop, target: str) -> None:
    """Closes the channel if this was its last user."""
    entry = _channels[loop][target]
    entry[1] -= 1
    if entry[1] == 0:
        del _channels[loop][target]
        await entry[0].close()


def _after_fork() -> None:
    """In a child: the parent's channels are not its own."""
    forks.keep(dict(_channels))
    _channels.clear()


forks.before_clients(_after_fork)
