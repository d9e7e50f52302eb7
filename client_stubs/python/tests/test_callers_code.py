"""What callers hand in fails: nobody else hears of it."""

import threading

import grpc.aio
import pytest

from outrigger import Lease, Result
from outrigger._sync import hold as sync_hold
from outrigger.aio import hold as aio_hold
from outrigger.aio.stream import Stream
from outrigger.outcomes import judge


def fails(*_):
    raise ValueError("the caller's own")


def test_who_wants_to_know_of_a_lost_lease_may_fail(caplog):
    lease = Lease("p", lambda *_: None)
    told = []
    lease.on_lost(fails)
    lease.on_lost(lambda: told.append(1))
    lease.lose()
    assert lease.lost and told == [1]
    assert "on_lost" in caplog.text and "the caller's own" in caplog.text


@pytest.mark.parametrize("lose", [sync_hold._lose, aio_hold._lose])
def test_all_that_a_stream_held_are_told(lose):
    leases = [Lease("p", lambda *_: None) for _ in range(2)]
    leases[0].on_lost(fails)
    lose(leases)
    assert all(lease.lost for lease in leases)


@pytest.mark.parametrize("classifier", [fails, lambda error: None, lambda error: 1])
def test_a_classifier_that_says_nothing_says_failure(classifier):
    assert judge(classifier, ValueError()) is Result.FAILURE
    given_back = []
    with pytest.raises(KeyError):
        with Lease("p", lambda lease, result: given_back.append(result), classifier):
            raise KeyError
    assert given_back == [Result.FAILURE]


@pytest.mark.parametrize("classifier", [fails, lambda error: None])
def test_its_outcomes_are_told(client, classifier):
    breaker = client.breaker("bench", classify=classifier)
    with pytest.raises(KeyError):
        with breaker:
            raise KeyError
    with breaker.guard() as call:
        call.result = "no Result"
    flushed = threading.Thread(target=client.flush, daemon=True)
    flushed.start()
    flushed.join(20)
    assert not flushed.is_alive() and client.stats().outcomes_dropped == 0


@pytest.mark.parametrize("classifier", [fails, lambda error: None])
async def test_its_outcomes_are_told_by_asyncio(aio_client, classifier):
    with pytest.raises(KeyError):
        async with aio_client.breaker("bench", classify=classifier):
            raise KeyError
    await aio_client.flush()
    assert aio_client.stats().outcomes_dropped == 0


class _Call:
    """A stream that would go on for ever."""

    cancelled = False

    async def read(self):
        return grpc.aio.EOF if self.cancelled else "message"

    def cancel(self):
        self.cancelled = True


async def test_a_stream_whose_reader_fails_is_ended(aio_client):
    aio_client._transport.check_open()
    call, ended = _Call(), []
    stream = Stream(aio_client._transport, lambda: call, lambda _: None, fails, ended.append)
    with pytest.raises(ValueError):
        await stream._reader
    assert call.cancelled and ended == [stream]
