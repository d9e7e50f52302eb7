"""The books of what is under way: nothing stays behind in them."""

import pytest

from outrigger import Lease, NotAcquired, RequestError, Result, classify
from outrigger._core import outcome_queue
from outrigger._core.allow_batch import MOST_QUESTIONS, AllowBatch
from outrigger._core.hold_book import HoldBook
from outrigger._core.outcome_queue import OutcomeQueue
from outrigger._core.renewals import Renewals
from outrigger._core.verdicts import Outcome, Verdict
from outrigger._core.watch_table import WatchTable
from outrigger.breaker.v1 import breaker_pb2
from outrigger.pool.v1 import pool_pb2
from outrigger.ratelimit.v1 import rate_limiter_pb2 as limits


class Asker:
    """Who waits for an answer, on either book."""

    def __init__(self, name=""):
        self.request = limits.AllowRequest(attributes={"name": name})
        self.live = True
        self.answer = self.error = None

    def settle(self, answer, error=None):
        if self.live:
            self.live, self.answer, self.error = False, answer, error


class TestAllowBatch:
    def asked(self, count):
        batch = AllowBatch()
        askers = [Asker(str(number)) for number in range(count)]
        for asker in askers:
            batch.add(asker)
        return batch, askers

    def answer(self, message):
        return limits.AllowStreamResponse(
            id=message.id,
            responses=[
                limits.AllowResponse(limit=one.attributes["name"]) for one in message.requests
            ],
        )

    def test_all_that_has_gathered_goes_at_once_and_answers_may_overtake(self):
        batch, askers = self.asked(3)
        first = batch.take()
        assert len(first.requests) == 3 and batch.take() is None
        late = Asker("late")
        batch.add(late)
        batch.receive(self.answer(batch.take()))
        batch.receive(self.answer(first))
        assert [one.answer.limit for one in (*askers, late)] == ["0", "1", "2", "late"]
        assert batch.pending == 0

    def test_a_message_has_at_most_a_thousand(self):
        batch, _ = self.asked(MOST_QUESTIONS + 1)
        assert len(batch.take().requests) == MOST_QUESTIONS
        assert len(batch.take().requests) == 1

    def test_who_has_gone_is_not_asked_for(self):
        batch, askers = self.asked(3)
        askers[1].live = False
        assert [one.attributes["name"] for one in batch.take().requests] == ["0", "2"]

    def test_who_has_gone_is_forgotten_while_nothing_is_written(self):
        batch, askers = self.asked(3)
        for asker in askers[:2]:
            asker.live = False
        batch.forget_gone()
        assert batch.pending == 1

    def test_a_mistake_is_told_to_the_one_who_made_it(self):
        batch, askers = self.asked(7)
        messages = 0
        message = batch.take()
        while message is not None:
            messages += 1
            if any(one.attributes["name"] == "4" for one in message.requests):
                batch.receive(
                    limits.AllowStreamResponse(
                        id=message.id, error=limits.StreamError(code=5, message="requests[4].limit")
                    )
                )
            else:
                batch.receive(self.answer(message))
            message = batch.take()
        assert isinstance(askers[4].error, RequestError) and askers[4].error.code == "NOT_FOUND"
        assert all(one.answer for one in askers if one is not askers[4])
        assert messages == 7 and batch.pending == 0

    def test_a_sidecars_own_bound_is_no_mistake(self):
        batch, askers = self.asked(2)
        batch.receive(
            limits.AllowStreamResponse(id=batch.take().id, error=limits.StreamError(code=8))
        )
        assert [(one.live, one.answer, one.error) for one in askers] == 2 * [(False, None, None)]

    def test_when_the_stream_ends_nobody_waits(self):
        batch, askers = self.asked(2)
        batch.take()
        batch.add(Asker())
        batch.drop()
        assert not any(one.live for one in askers) and batch.pending == 0


class TestHoldBook:
    @pytest.fixture
    def book(self):
        return HoldBook(lambda lease, result: None)

    def ask(self, book):
        asker = Asker()
        return book.ask(pool_pb2.AcquireRequest(pool="p"), asker, classify), asker

    def acquired(self, number, lease_id):
        return pool_pb2.HoldResponse(
            id=number,
            acquired=pool_pb2.AcquireResponse(
                acquired=True, lease_id=lease_id, expires_after={"seconds": 30}
            ),
        )

    def test_one_that_comes_too_late_is_released_at_once(self, book):
        number, asker = self.ask(book)
        book.take()
        book.leave(number)
        assert book.take().cancel == number
        book.receive(self.acquired(number, 7))
        assert book.take().release.lease_id == 7
        assert book.pending == 0 and asker.answer is None

    def test_who_leaves_before_it_was_written_is_not_asked_for(self, book):
        number, _ = self.ask(book)
        book.leave(number)
        assert book.take() is None and book.pending == 0

    def test_released_once(self, book):
        number, asker = self.ask(book)
        book.take()
        book.receive(self.acquired(number, 7))
        assert isinstance(asker.answer, Lease)
        book.release(asker.answer, Result.SUCCESS)
        book.release(asker.answer, Result.SUCCESS)
        assert book.take().release.result == pool_pb2.SUCCESS and book.take() is None

    def test_refused_and_mistaken(self, book):
        number, asker = self.ask(book)
        book.receive(
            pool_pb2.HoldResponse(
                id=number,
                acquired=pool_pb2.AcquireResponse(reason=pool_pb2.TIMEOUT, advice=pool_pb2.RETRY),
            )
        )
        assert isinstance(asker.answer, NotAcquired) and asker.answer.reason == "TIMEOUT"
        number, asker = self.ask(book)
        book.receive(pool_pb2.HoldResponse(id=number, error=pool_pb2.HoldError(code=5)))
        assert asker.error.code == "NOT_FOUND"
        number, asker = self.ask(book)
        book.receive(pool_pb2.HoldResponse(id=number, error=pool_pb2.HoldError(code=8)))
        assert not asker.live and asker.error is None

    def test_what_is_lost(self, book):
        number, asker = self.ask(book)
        book.receive(self.acquired(number, 7))
        told = []
        asker.answer.on_lost(lambda: told.append(1))
        lost = book.receive(pool_pb2.HoldResponse(lost_lease_id=7))
        assert lost is asker.answer
        lost.lose()
        lost.lose()
        assert asker.answer.lost and told == [1]
        asker.answer.on_lost(lambda: told.append(2))
        assert told == [1, 2]
        assert book.broken() == []


def test_leases_are_renewed_at_half_of_their_time_and_lost_at_its_end():
    import time

    now = time.monotonic()
    renewals = Renewals()
    young = Lease("p", lambda *_: None, lease_id=1, expires_at=now + 100)
    over = Lease("p", lambda *_: None, lease_id=2, expires_at=now - 1)
    due = renewals.due([young, over])
    assert due.renew == [] and due.over == [over] and over.lost
    assert 49 < due.pause <= 50
    renewals.renewed(young, now - 100, 150)
    assert renewals.due([young]).renew == [young]
    assert renewals.due([young]).renew == []  # until it is time to try again
    assert renewals.due([]).pause is None


class TestOutcomeQueue:
    def outcome(self, duration=0.5):
        return Outcome("b", "m", Verdict(True, breaker_pb2.CLOSED, 7), Result.FAILURE, duration)

    def test_in_order_and_at_most_a_thousand(self):
        queue = OutcomeQueue()
        for number in range(1001):
            queue.add(self.outcome(number))
        first, second = queue.take(), queue.take()
        assert len(first.outcomes) == 1000 and len(second.outcomes) == 1
        assert first.outcomes[999].duration.seconds == 999
        one = first.outcomes[0]
        assert (one.breaker, one.method, one.generation, one.result) == (
            "b",
            "m",
            7,
            breaker_pb2.FAILURE,
        )
        queue.told(first, True)
        queue.told(second, False)
        assert queue.settled == 1001 and queue.dropped == 1

    def test_the_oldest_are_dropped_and_counted(self, monkeypatch):
        monkeypatch.setattr(outcome_queue, "MOST_WAITING", 2)
        queue = OutcomeQueue()
        for number in range(5):
            queue.add(self.outcome(number))
        assert queue.dropped == 3
        assert [one.duration.seconds for one in queue.take().outcomes] == [3, 4]


class TestWatchTable:
    def told(self, table, state, method="", ratio=0.0, valid=1000, retry=0, breaker="b"):
        message = breaker_pb2.WatchResponse(
            breaker=breaker,
            method=method,
            state=state,
            admit_ratio=ratio,
            generation=3,
            valid_for={"seconds": valid},
            session=9,
            reason=breaker_pb2.FAILURE_RATE,
        )
        if retry:
            message.retry_after.seconds = retry
        table.receive(message)

    @pytest.mark.parametrize(
        "state, ratio, allowed",
        [
            (breaker_pb2.CLOSED, 1, True),
            (breaker_pb2.FORCED_CLOSED, 1, True),
            (breaker_pb2.METRICS_ONLY, 1, True),
            (breaker_pb2.CLOSED, 0, False),
            (breaker_pb2.FORCED_OPEN, 0, False),
        ],
    )
    def test_what_is_decided_here(self, state, ratio, allowed):
        table = WatchTable()
        self.told(table, state, ratio=ratio)
        assert table.decide("b", "").allowed is allowed

    def test_what_the_sidecar_is_asked(self):
        table = WatchTable()
        assert table.decide("b", "") is None
        self.told(table, breaker_pb2.HALF_OPEN)
        assert table.decide("b", "") is None
        self.told(table, breaker_pb2.CLOSED, ratio=1, valid=0)
        assert table.decide("b", "") is None
        self.told(table, breaker_pb2.OPEN)  # its time is over: there may be probes
        assert table.decide("b", "") is None

    def test_open_says_why_and_when(self):
        table = WatchTable()
        self.told(table, breaker_pb2.OPEN, retry=60)
        error = table.decide("b", "").error("b")
        assert error.reason == "FAILURE_RATE" and 59 < error.retry_after <= 60

    def test_methods(self):
        table = WatchTable()
        self.told(table, breaker_pb2.CLOSED, ratio=1)
        assert table.decide("b", "pay") is None, "it may have a generation of its own"
        table.learn("b", "pay", 4)
        assert table.decide("b", "pay") is None, "it has"
        table.learn("b", "pay", 3)
        assert table.decide("b", "pay").allowed
        self.told(table, breaker_pb2.OPEN, method="refund", retry=60)
        assert not table.decide("b", "refund").allowed
        assert table.decide("b", "").allowed

    def test_messages_that_were_left_out(self):
        table = WatchTable()
        self.told(table, breaker_pb2.CLOSED, ratio=1)
        assert table.session == 9
        table.receive(breaker_pb2.WatchResponse())
        assert table.decide("b", "") is None and table.session == 9
        table.ended()
        assert table.session == 0
