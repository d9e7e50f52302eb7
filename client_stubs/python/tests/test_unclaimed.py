"""What the sidecar gives to a task that has been cancelled meanwhile."""

import asyncio

import pytest

from outrigger import JSON, RequestError, Result
from outrigger._core.cache_requests import Requests
from outrigger._core.rpc import GET
from outrigger.aio import Client
from outrigger.aio.transport import Transport
from outrigger.breaker.v1 import breaker_pb2
from outrigger.cache.v1 import cache_pb2


async def never(*_):
    await asyncio.Event().wait()


@pytest.mark.parametrize("many", [False, True])
async def test_others_may_load_what_its_caller_does_not_wait_for(own_sidecar, fresh, many):
    async with Client(own_sidecar.target, timeout=30) as client:
        cache = client.cache("profiles")
        await cache.get("connected")
        own_sidecar.stop()
        asked = cache.get_or_load_many([fresh], never) if many else cache.get_or_load(fresh, never)
        task = asyncio.ensure_future(asked)
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        own_sidecar.resume()
    async with Client(own_sidecar.target, timeout=30) as other:
        other._transport.check_open()
        found = await other._transport.call(GET, Requests("profiles", JSON).get(fresh, 0))
        assert found.fill_token


class Answering(Transport):
    """A call ends when it is told how."""

    async def call(self, method, request, wait=0):
        self.end = self.loop.create_future()
        return await self.end


async def leave(wait, ends):
    """What is given back of a call whose caller goes; `ends` ends it."""
    transport, given_back = Answering("unix:none", 1), []
    transport.check_open()
    task = asyncio.ensure_future(transport.claim(None, None, wait, given_back.append))
    while not hasattr(transport, "end"):
        await asyncio.sleep(0)
    ends(task, transport.end)
    await asyncio.wait([task])
    assert task.cancelled()
    await transport.close()
    assert transport.end.done()
    return given_back


def first_leaves(task, end):
    task.cancel()
    end.get_loop().call_soon(lambda: end.cancelled() or end.set_result("token"))


def leaves_in_the_same_turn(task, end):
    end.set_result("token")
    task.cancel()


def is_refused(task, end):
    task.cancel()
    end.set_exception(RequestError("NOT_FOUND", "n"))


def is_not_answered(task, end):
    task.cancel()
    end.set_result(None)


@pytest.mark.parametrize(
    "wait, ends, expected",
    [
        (0, first_leaves, ["token"]),
        (5, first_leaves, []),  # the sidecar need not keep the place
        (0, leaves_in_the_same_turn, ["token"]),
        (0, is_refused, []),
        (0, is_not_answered, []),
    ],
)
async def test_an_answer_whose_caller_has_gone_is_given_back(wait, ends, expected):
    assert await leave(wait, ends) == expected


def test_all_rights_of_an_answer():
    requests = Requests("n", JSON)
    question = cache_pb2.GetManyRequest(requests=[requests.get(key, 0) for key in "abc"])
    miss = [cache_pb2.GetResponse(fill_token=token) for token in (b"1", b"", b"3")]
    given_back = requests.unclaimed(question, cache_pb2.GetManyResponse(responses=miss))
    assert [(one.key, one.fill_token) for one in given_back] == [("a", b"1"), ("c", b"3")]
    assert requests.unclaimed(requests.get("b", 0), miss[1]) == []


async def test_a_probe_is_anothers(aio_client, monkeypatch):
    told = []
    monkeypatch.setattr(aio_client._breakers.reporter, "add", told.append)
    breaker = aio_client.breaker("bench")
    allowed = breaker_pb2.AcquireResponse(allowed=True, generation=7)
    breaker._unclaimed(allowed)
    assert told == []
    allowed.probe, allowed.permit = True, 3
    breaker._unclaimed(allowed)
    assert [(one.verdict.permit, one.result) for one in told] == [(3, Result.IGNORED)]
