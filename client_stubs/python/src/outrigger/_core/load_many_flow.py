"""The same for many keys at once: one question, one call of the loader."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from outrigger._core.cache_requests import Keep, Requests
from outrigger._core.load_flow import Undecodable, Wanted, decoded, wait_for_other
from outrigger._core.rpc import ABANDON, GET_MANY, SET_MANY
from outrigger._core.steps import Background, Call, Fallback, Flow, Load, Step, Tell
from outrigger.cache.v1 import cache_pb2 as pb
from outrigger.errors import OutriggerError

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
    for start in range(0, len(keys), _MOST_KEYS):
        chunk = keys[start : start + _MOST_KEYS]
        values.update((yield from _chunk(wanted._replace(keys=chunk))))
    return {key: values.get(key) for key in keys}


def _chunk(wanted: WantedKeys) -> Flow[dict[str, Any]]:
    requests, keys = wanted.requests, wanted.keys
    answer = yield Call(
        GET_MANY, pb.GetManyRequest(requests=[requests.get(key, 0) for key in keys])
    )
    if answer is None:
        yield Fallback()
        return dict((yield Load(keys)))
    sorted_keys = _Sorted()
    for key, found in zip(keys, answer.responses):
        sorted_keys.add(requests, key, found)
    values = sorted_keys.values
    try:
        if sorted_keys.stale:
            yield from _refresh_later(wanted, sorted_keys.stale)
        values.update((yield from _load(wanted, sorted_keys.tokens, sorted_keys.unreadable)))
    except BaseException:
        yield from _tell(_abandoned(requests, sorted_keys.tokens))
        raise
    values.update((yield from _others(wanted, sorted_keys.loaded_elsewhere)))
    return values


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
    sets = [
        wanted.requests.set(key, values[key], wanted.keep, token) for key, token in tokens.items()
    ]
    if sets:
        try:
            yield Call(SET_MANY, pb.SetManyRequest(requests=sets))
        except OutriggerError as error:
            _log.warning(
                "what was loaded of %s is not stored: %s", wanted.requests.namespace, error
            )
    tokens.clear()
    return values


def _others(wanted: WantedKeys, keys: Iterable[str]) -> Flow[dict[str, Any]]:
    """Those that others load, one by one: a right to load must not wait."""
    values: dict[str, Any] = {}
    deadline = time.monotonic() + wanted.max_wait
    for key in keys:
        one = Wanted(wanted.requests, key, wanted.keep, max(deadline - time.monotonic(), 0))
        values[key] = (yield from _of_one(key, wait_for_other(one))).value
    return values


def _of_one(key: str, flow: Flow[Any]) -> Flow[Any]:
    """`flow` of one key, with the loader of many."""
    send, argument = flow.send, None
    while True:
        try:
            step = send(argument)
        except StopIteration as end:
            return end.value
        try:
            argument, send = (yield from _with_key(key, step)), flow.send
        except BaseException as error:
            argument, send = error, flow.throw


def _with_key(key: str, step: Step) -> Flow[Any]:
    if isinstance(step, Load):
        return (yield Load([key])).get(key)
    if isinstance(step, Background):
        return (yield Background(_of_one(key, step.flow)))
    return (yield step)


def _refresh_later(wanted: WantedKeys, stale: dict[str, bytes]) -> Flow[None]:
    started = yield Background(_refresh(wanted, stale))
    if not started:
        yield from _tell(_abandoned(wanted.requests, stale))


def _refresh(wanted: WantedKeys, tokens: dict[str, bytes]) -> Flow[None]:
    try:
        yield from _load(wanted, tokens, [])
    except BaseException as error:
        yield from _tell(_abandoned(wanted.requests, tokens))
        if not isinstance(error, Exception):
            raise
        _log.warning("a refresh of %s failed", wanted.requests.namespace, exc_info=True)


def _abandoned(requests: Requests, tokens: dict[str, bytes]) -> list[Tell]:
    return [Tell(ABANDON, requests.abandon(key, token)) for key, token in tokens.items()]


def _tell(steps: Iterable[Tell]) -> Flow[None]:
    yield from steps
