"""What goes together in one message."""

import pytest

from outrigger import RequestError, Result
from outrigger._core import allow_batch
from outrigger._core.allow_batch import AllowBatch
from outrigger._core.verdicts import Outcome, Verdict
from outrigger._sync.reporter import Reporter
from outrigger.aio.reporter import Reporter as AioReporter
from outrigger.breaker.v1 import breaker_pb2
from outrigger.ratelimit.v1 import rate_limiter_pb2 as limits


class Asker:
    live = True

    def __init__(self, size):
        self.request = limits.AllowRequest(attributes={"a": size * "x"})


def test_questions_are_bounded_by_bytes():
    batch, half = AllowBatch(), allow_batch.MOST_BYTES // 2
    for size in (1, half, half, 3 * half, 1):
        batch.add(Asker(size))
    sizes = []
    message = batch.take()
    while message is not None:
        sizes.append([len(one.attributes["a"]) for one in message.requests])
        message = batch.take()
    assert sizes == [[1, half], [half], [3 * half], [1]]


def test_a_large_question_is_a_call_of_its_own(client, fresh, monkeypatch):
    monkeypatch.setattr(client.limiter, "_ask", None)
    large = {"bench": fresh, "other": allow_batch.MOST_BYTES * "x"}
    with pytest.raises(RequestError, match="INVALID_ARGUMENT"):
        client.limiter.allow(large)


async def test_a_large_question_is_a_call_of_its_own_by_asyncio(aio_client, fresh, monkeypatch):
    monkeypatch.setattr(aio_client.limiter, "_stream", None)
    large = {"bench": fresh, "other": allow_batch.MOST_BYTES * "x"}
    with pytest.raises(RequestError, match="INVALID_ARGUMENT"):
        await aio_client.limiter.allow(large)
    monkeypatch.undo()


class Sidecar:
    """It has the breakers "a" and "c" only."""

    def __init__(self):
        self.told = []

    def call(self, method, request):
        names = [outcome.breaker for outcome in request.outcomes]
        if "b" in names:
            raise RequestError("NOT_FOUND", "b")
        self.told.append([(one.breaker, one.duration.seconds) for one in request.outcomes])
        return breaker_pb2.ReportResponse()


def outcomes():
    verdict = Verdict(True, breaker_pb2.CLOSED, 7)
    return [
        Outcome(breaker, "", verdict, Result.FAILURE, number)
        for number, breaker in enumerate(["a", "b", "a", "c", "b"])
    ]


TOLD = [[("a", 0), ("a", 2)], [("c", 3)]]


def test_a_breaker_that_is_not_there_does_not_cost_the_others_theirs():
    sidecar = Sidecar()
    reporter = Reporter(sidecar)
    for outcome in outcomes():
        reporter._queue.add(outcome)
    reporter._tell(reporter._queue.take())
    assert sidecar.told == TOLD
    assert reporter._queue.settled == 5 and reporter.dropped == 2


async def test_nor_by_asyncio():
    class Awaited(Sidecar):
        async def call(self, method, request):
            return super().call(method, request)

    sidecar = Awaited()
    reporter = AioReporter(sidecar)
    for outcome in outcomes():
        reporter._queue.add(outcome)
    await reporter._send(reporter._queue.take())
    assert sidecar.told == TOLD
    assert reporter._queue.settled == 5 and reporter.dropped == 2
