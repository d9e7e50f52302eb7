"""A stream that has ended, and the one after it."""

from types import SimpleNamespace

import pytest

from outrigger import classify
from outrigger._sync import hold as sync_hold
from outrigger._sync import limiter as sync_limiter
from outrigger.aio import hold as aio_hold
from outrigger.aio import limiter as aio_limiter
from outrigger.pool.v1 import pool_pb2
from outrigger.ratelimit.v1 import rate_limiter_pb2 as limits

TRANSPORT = SimpleNamespace(stream_stream=lambda method: None)


class Asker:
    live = True
    request = limits.AllowRequest()

    def settle(self, answer, error=None):
        pass


def two_streams(owner, module, monkeypatch):
    """Of the owner's: one that has ended, and the next."""
    monkeypatch.setattr(module, "Stream", lambda *_: object())
    owner._open()
    ended = owner._stream
    owner._ended(ended)
    owner._open()
    return ended, owner._stream


@pytest.mark.parametrize("module", [sync_hold, aio_hold])
def test_an_acquire_is_for_the_stream_that_is_there(module, monkeypatch):
    hold = module.Hold(TRANSPORT)
    ended, current = two_streams(hold, module, monkeypatch)
    number = hold._book.ask(pool_pb2.AcquireRequest(pool="p"), Asker(), classify)
    assert hold._take(ended) is None
    assert hold._take(current).id == number


@pytest.mark.parametrize("module", [sync_limiter, aio_limiter])
def test_a_question_is_for_the_stream_that_is_there(module, monkeypatch):
    asking = module.AllowStream(TRANSPORT)
    ended, current = two_streams(asking, module, monkeypatch)
    asking._batch.add(Asker())
    assert asking._take(ended) is None
    assert len(asking._take(current).requests) == 1
