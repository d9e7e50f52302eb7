"""What decides while the sidecar does not answer, on a clock of the test's."""

import pytest

from outrigger import BreakerFallback, LimitFallback, NotAcquired, PoolFallback, Result, classify
from outrigger._core import local_breakers, local_buckets
from outrigger._core.local_breakers import LocalBreakers
from outrigger._core.local_buckets import LocalBuckets
from outrigger._core.pool_policy import PoolPolicy
from outrigger._core.rpc import seconds


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


class TestLocalBuckets:
    def test_after_retry_after_alone_the_same_take_succeeds(self, clock):
        buckets = LocalBuckets(3.0, 5, clock)
        assert buckets.take({"a": "1"}, 5).allowed
        denied = buckets.take({"a": "1"}, 2)
        assert not denied.allowed
        clock.now += seconds(denied.retry_after) + 1e-6
        assert buckets.take({"a": "1"}, 2).allowed

    def test_attributes_are_a_set(self, clock):
        buckets = LocalBuckets(1, 1, clock)
        assert buckets.take({"a": "1", "b": "2"}, 1).allowed
        assert not buckets.take({"b": "2", "a": "1"}, 1).allowed
        assert buckets.take({"a": "1"}, 1).allowed

    def test_a_peek_takes_nothing(self, clock):
        buckets = LocalBuckets(1, 1, clock)
        assert buckets.take({}, 0).allowed
        assert buckets.take({}, 1).allowed
        assert not buckets.take({}, 0).allowed

    def test_more_than_the_burst_can_never_be_had(self, clock):
        denied = LocalBuckets(1, 1, clock).take({}, 2)
        assert not denied.allowed and not denied.HasField("retry_after")

    def test_the_least_recently_used_is_forgotten(self, clock, monkeypatch):
        monkeypatch.setattr(local_buckets, "MOST_BUCKETS", 2)
        buckets = LocalBuckets(0.001, 1, clock)
        for name in "aba":
            buckets.take({"k": name}, 1)
        buckets.take({"k": "c"}, 1)
        assert not buckets.take({"k": "a"}, 1).allowed
        assert buckets.take({"k": "b"}, 1).allowed


class TestLocalBreakers:
    def breakers(self, clock, failures=2):
        return LocalBreakers(BreakerFallback(failures=failures, open_for=10), clock)

    def call(self, breakers, result):
        verdict = breakers.decide("b", "")
        assert verdict.allowed
        breakers.record("b", "", verdict, result)

    def test_it_opens_after_failures_in_a_row(self, clock):
        breakers = self.breakers(clock)
        for result in (
            Result.FAILURE,
            Result.SUCCESS,
            Result.FAILURE,
            Result.IGNORED,
            Result.FAILURE,
        ):
            self.call(breakers, result)
        denied = breakers.decide("b", "")
        assert not denied.allowed and denied.retry_after == 10
        assert breakers.decide("b", "another method").allowed

    def opened(self, clock):
        breakers = self.breakers(clock, failures=1)
        self.call(breakers, Result.FAILURE)
        clock.now += 10
        return breakers

    def test_one_probe_at_a_time(self, clock):
        breakers = self.opened(clock)
        probe = breakers.decide("b", "")
        assert probe.allowed and probe.probe
        assert not breakers.decide("b", "").allowed
        breakers.record("b", "", probe, Result.SUCCESS)
        assert breakers.decide("b", "").allowed
        assert breakers.decide("b", "").allowed

    def test_a_probe_that_fails_opens_it_again(self, clock):
        breakers = self.opened(clock)
        breakers.record("b", "", breakers.decide("b", ""), Result.FAILURE)
        assert not breakers.decide("b", "").allowed

    def test_a_probe_that_says_nothing_is_given_back(self, clock):
        breakers = self.opened(clock)
        breakers.record("b", "", breakers.decide("b", ""), Result.IGNORED)
        assert breakers.decide("b", "").allowed

    def test_a_probe_that_never_ends_does_not_keep_it_open(self, clock):
        breakers = self.opened(clock)
        lost = breakers.decide("b", "")
        clock.now += 10
        probe = breakers.decide("b", "")
        assert probe.allowed
        breakers.record("b", "", lost, Result.SUCCESS)
        assert not breakers.decide("b", "").allowed

    def test_a_call_from_before_it_opened_does_not_close_it(self, clock):
        breakers = self.breakers(clock, failures=1)
        slow = breakers.decide("b", "")
        self.call(breakers, Result.FAILURE)
        breakers.record("b", "", slow, Result.SUCCESS)
        assert not breakers.decide("b", "").allowed

    def test_records_are_bounded(self, clock, monkeypatch):
        monkeypatch.setattr(local_breakers, "MOST_RECORDS", 3)
        breakers = self.breakers(clock)
        for method in "abcdef":
            breakers.decide("b", method)
        assert len(breakers._records) == 3


class TestPoolPolicy:
    def test_a_share_is_of_each_pool_and_comes_back(self):
        policy = PoolPolicy(PoolFallback("share", share=1, endpoint="db:1"))
        lease = policy.acquire("p", classify)
        assert lease.endpoint == "db:1" and not lease.lost
        with pytest.raises(NotAcquired):
            policy.acquire("p", classify)
        policy.acquire("q", classify)
        lease.release()
        lease.release()
        policy.acquire("p", classify)
        with pytest.raises(NotAcquired):
            policy.acquire("p", classify)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: LimitFallback("open"),
        lambda: LimitFallback("local", rate=0),
        lambda: LimitFallback("local", burst=0),
        lambda: BreakerFallback("share"),
        lambda: BreakerFallback(failures=0),
        lambda: BreakerFallback(open_for=0),
        lambda: PoolFallback("local"),
        lambda: PoolFallback("share", share=0),
    ],
)
def test_options_out_of_range_are_said_at_once(wrong):
    with pytest.raises(ValueError):
        wrong()
