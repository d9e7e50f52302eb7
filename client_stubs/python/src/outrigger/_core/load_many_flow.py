"""The same for many keys at once: one question, one call of the loader."""

from __future__ import annotations

import logging
import time
from typing import Any, NamedTuple

from outrigger._core.cache_requests import Keep, Requests
from outrigger._core.fills import give_back, store
from outrigger._core.load_flow import Undecodable, decoded
from outrigger._core.rpc import GET, GET_MANY
from outrigger._core.steps import Background, Call, Fallback, Flow, Load
from outrigger.cache.v1 import cache_pb2 as pb

_log = logging.getLogger("outrigger")
_MOST_KEYS = 1000


class WantedKeys(NamedTuple):
    """Keys, and how those are kept that must be loaded."""

    requests: Requests
    keys: list[str]
    keep: Keep
    #: Seconds to wait for others' loads, all together.
    max_wait: float


class _Sorted:
    """What is to be done about each key."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.tokens: dict[str, bytes] = {}  # to be loaded and stored
        self.stale: dict[str, bytes] = {}  # to be refreshed
        self.unreadable: list[str] = []  # to be loaded, not stored
        self.loaded_elsewhere: list[str] = []

    def add(self, requests: Requests, key: str, found: pb.GetResponse) -> None:
        try:
            value = decoded(requests, found)
        except Undecodable:
            if found.fill_token:
                self.tokens[key] = found.fill_token
            else:
                self.unreadable.append(key)
            return
        if found.status != pb.MISS:
            self.values[key] = value
            if found.fill_token:
                self.stale[key] = found.fill_token
        elif found.fill_token:
            self.tokens[key] = found.fill_token
        else:
            self.loaded_elsewhere.append(key)


def get_or_load_many(wanted: WantedKeys) -> Flow[dict[str, Any]]:
    """By key, in the order they were asked for; None: there is none."""
    keys = list(dict.fromkeys(wanted.keys))
    values: dict[str, Any] = {}
    loaded_elsewhere: list[str] = []
    for start in range(0, len(keys), _MOST_KEYS):
        found = yield from _chunk(wanted, keys[start : start + _MOST_KEYS])
        values.update(found.values)
        loaded_elsewhere += found.loaded_elsewhere
    values.update((yield from _others(wanted, loaded_elsewhere)))
    return {key: values.get(key) for key in keys}


def _chunk(wanted: WantedKeys, keys: list[str]) -> Flow[_Sorted]:
    requests = wanted.requests
    found = _Sorted()
    answer = yield Call(
        GET_MANY, pb.GetManyRequest(requests=[requests.get(key, 0) for key in keys])
    )
    if answer is None:
        yield Fallback()
        found.values.update((yield Load(keys)))
        return found
    for key, one in zip(keys, answer.responses):
        found.add(requests, key, one)
    yield from _load_missing(wanted, found)
    return found


def _others(wanted: WantedKeys, keys: list[str]) -> Flow[dict[str, Any]]:
    """Those that others load, one by one: a right to load must not wait. What is not
    there when the time is over, or nobody answers, is loaded at once and not stored."""
    values: dict[str, Any] = {}
    left: list[str] = []
    deadline = time.monotonic() + wanted.max_wait
    for position, key in enumerate(keys):
        wait = deadline - time.monotonic()
        answer = None
        if wait > 0:
            answer = yield Call(GET, wanted.requests.get(key, wait), wait)
            if answer is None:
                yield Fallback()
        if answer is None:
            left += keys[position:]
            break
        found = _Sorted()
        found.add(wanted.requests, key, answer)
        left += found.loaded_elsewhere + found.unreadable
        found.unreadable = []
        yield from _load_missing(wanted, found)
        values.update(found.values)
    values.update((yield from _load(wanted, {}, left)))
    return values


def _load_missing(wanted: WantedKeys, found: _Sorted) -> Flow[None]:
    """What is to be loaded here, now or in the background."""
    try:
        if found.stale:
            yield from _refresh_later(wanted, found.stale)
        found.values.update((yield from _load(wanted, found.tokens, found.unreadable)))
    except BaseException:
        yield from give_back(wanted.requests, found.tokens, list(found.tokens))
        raise


def _load(
    wanted: WantedKeys, tokens: dict[str, bytes], unreadable: list[str]
) -> Flow[dict[str, Any]]:
    """One call of the loader; stores those that have a token, and then they have
    none any more."""
    keys = [*tokens, *unreadable]
    if not keys:
        return {}
    loaded = yield Load(keys)
    values = {key: loaded.get(key) for key in keys}
    yield from store(wanted.requests, values, wanted.keep, tokens)
    return values


def _refresh_later(wanted: WantedKeys, stale: dict[str, bytes]) -> Flow[None]:
    started = yield Background(_refresh(wanted, stale))
    if not started:
        yield from give_back(wanted.requests, stale, list(stale))


def _refresh(wanted: WantedKeys, tokens: dict[str, bytes]) -> Flow[None]:
    try:
        yield from _load(wanted, tokens, [])
    except BaseException as error:
        yield from give_back(wanted.requests, tokens, list(tokens))
        if not isinstance(error, Exception):
            raise
        _log.warning("a refresh of %s failed", wanted.requests.namespace, exc_info=True)
