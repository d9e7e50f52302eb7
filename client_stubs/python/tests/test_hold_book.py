"""What a Hold stream still owns, and so must be told of."""

import time

import pytest

from outrigger import Result
from outrigger._core.hold_book import HoldBook
from outrigger._sync import hold as sync_hold
from outrigger.aio import hold as aio_hold
from outrigger.pool.v1 import pool_pb2 as pb


class _Waiter:
    def settle(self, answer, error=None):
        self.lease = answer


@pytest.fixture
def book():
    return HoldBook(lambda lease, result: None)


@pytest.fixture
def lease(book):
    """Held: of id 9."""
    waiter = _Waiter()
    number = book.ask(pb.AcquireRequest(pool="p"), waiter, lambda error: Result.FAILURE)
    assert book.take().acquire.pool == "p"
    granted = pb.AcquireResponse(acquired=True, lease_id=9)
    assert book.receive(pb.HoldResponse(id=number, acquired=granted)) is None
    assert book.held == [waiter.lease]
    return waiter.lease


def test_what_was_not_renewed_in_time_is_given_back_all_the_same(book, lease):
    assert book.lose(lease)
    assert not book.lose(lease)
    assert book.held == [] and book.pending == 1
    book.release(lease, Result.FAILURE)
    release = book.take().release
    assert (release.lease_id, release.result) == (9, pb.FAILURE)
    book.release(lease, Result.FAILURE)
    assert book.pending == 0


def test_what_the_sidecar_took_away_has_nobody_to_be_given_back_to(book, lease):
    assert book.lose(lease)
    assert book.receive(pb.HoldResponse(lost_lease_id=9)) is None  # its holder knows
    book.release(lease, Result.IGNORED)
    assert book.take() is None and book.pending == 0


def test_what_a_broken_stream_held_is_free(book, lease):
    assert book.lose(lease)
    assert book.broken() == []
    book.release(lease, Result.IGNORED)
    assert book.take() is None and book.pending == 0


@pytest.mark.parametrize("kind", [sync_hold.Hold, aio_hold.Hold])
def test_what_came_late_is_renewed_in_the_time_it_has_left(kind):
    hold, kept = kind(None), []
    hold._keep = kept.append
    number = hold._book.ask(pb.AcquireRequest(pool="p"), _Waiter(), lambda error: Result.FAILURE)
    hold._book._asked[number].at -= 20
    granted = pb.AcquireResponse(acquired=True, lease_id=9, expires_after={"seconds": 30})
    hold._receive(pb.HoldResponse(id=number, acquired=granted))
    (lease,) = hold._book.held
    planned = hold._renewals._next[9]
    assert lease.expires_at - 5 - 1e-6 <= planned <= lease.expires_at
    assert len(kept) == 1 and kept[0] <= 5 + (time.monotonic() if kind is sync_hold.Hold else 0)
    hold._receive(pb.HoldResponse(lost_lease_id=9))
    assert lease.lost and len(kept) == 1
