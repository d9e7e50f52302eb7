"""The decorated forms of all parts, and breakers in their other forms."""

import asyncio

import pytest

from outrigger import BreakerFallback, BreakerOpen, Client, RateLimited, Result, aio


def test_limit(client, fresh):
    @client.limiter.limit(user="{user_id}" + fresh, cost=5)
    def send(user_id, text="hi"):
        return f"{user_id}: {text}"

    assert [send(1), send(user_id=1), send(2)] == ["1: hi", "1: hi", "2: hi"]
    with pytest.raises(RateLimited) as denied:
        send(1)
    assert denied.value.decision.limit == "per_user"

    @client.limiter.limit(lambda user: {"user": f"{user}{fresh}"}, cost=10)
    def remove(user):
        """Of the user."""
        return True

    assert remove(3) and remove.__name__ == "remove" and remove.__doc__ == "Of the user."
    with pytest.raises(RateLimited):
        remove(3)


async def test_limit_in_asyncio(aio_client, fresh):
    @aio_client.limiter.limit(user=fresh, cost=10)
    async def send():
        return "sent"

    assert await send() == "sent"
    with pytest.raises(RateLimited):
        await send()


def test_cached(client, fresh):
    calls = []
    cache = client.cache("profiles")

    @cache.cached("user:{user_id}:" + fresh)
    def load(user_id, verbose=False):
        calls.append(user_id)
        return {"id": user_id} if user_id else None

    assert load(1) == load(user_id=1) == {"id": 1}
    assert load(0) is load(0) is None
    assert calls == [1, 0]
    cache.invalidate([load.key_of(1)])
    load(1)
    assert calls == [1, 0, 1]
    assert load.__wrapped__(2) == {"id": 2}


async def test_cached_in_asyncio(aio_client, fresh):
    calls = []

    @aio_client.cache("profiles").cached(lambda user_id: f"{fresh}{user_id}")
    async def load(user_id):
        calls.append(user_id)
        return [user_id]

    assert await load(1) == await load(1) == [1]
    assert calls == [1]


@pytest.fixture
def alone(tmp_path):
    """A client without a sidecar, whose breakers open at the first failure."""
    with Client(str(tmp_path / "none"), breaker=BreakerFallback(failures=1)) as made:
        yield made


def test_breaker_as_a_decorator_and_as_a_call(alone):
    @alone.breaker("b")
    def charge(amount):
        if amount < 0:
            raise ValueError(amount)
        return amount

    assert charge(1) == 1
    with pytest.raises(ValueError):
        charge(-1)
    with pytest.raises(BreakerOpen):
        charge(1)
    breaker = alone.breaker("b")
    assert breaker.call(charge, 1, fallback=lambda error: error.state) == "OPEN"
    with pytest.raises(BreakerOpen):
        breaker.call(charge, 1)


def test_breaker_in_scopes_within_each_other(alone):
    breaker = alone.breaker("b", classify=lambda error: Result.IGNORED)
    with breaker, pytest.raises(KeyError), breaker:
        raise KeyError
    with breaker.guard() as call:
        call.result = Result.FAILURE
    with pytest.raises(BreakerOpen), breaker:
        pytest.fail("the body of what is open was run")


async def test_breaker_in_asyncio(tmp_path):
    async with aio.Client(str(tmp_path / "none"), breaker=BreakerFallback(failures=1)) as alone:
        breaker = alone.breaker("b")

        @breaker
        async def charge():
            raise OSError

        async def cancelled():
            async with breaker:
                await asyncio.Event().wait()

        task = asyncio.ensure_future(cancelled())
        async with breaker:  # at the same time as the other
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        with pytest.raises(OSError):
            await charge()
        with pytest.raises(BreakerOpen):
            await charge()
        assert await breaker.call(charge, fallback=lambda error: "no") == "no"
