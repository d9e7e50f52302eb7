"""What nobody waits for: rights that are given back, and what a client does at its end."""

import asyncio
import threading

import pytest

from outrigger import JSON, Client
from outrigger._core.cache_requests import Requests
from outrigger._core.rpc import GET
from outrigger._sync.background import MOST, BackgroundThreads
from outrigger.aio import Client as AioClient
from outrigger.aio import channels
from outrigger.aio.background import BackgroundTasks


def fails():
    raise KeyError


async def fails_later():
    fails()


async def never():
    await asyncio.Event().wait()


def may_load(client, key):
    """Whether nobody else loads it now."""
    return bool(client._transport.call(GET, Requests("profiles", JSON).get(key, 0)).fill_token)


def test_is_heard_before_the_client_has_ended(client, fresh):
    for number in range(20):
        with Client(timeout=20) as other:
            with pytest.raises(KeyError):
                other.cache("profiles").get_or_load(f"{fresh}{number}", fails)
        assert may_load(client, f"{fresh}{number}")


async def test_is_heard_before_the_client_has_ended_by_asyncio(client, fresh):
    for number in range(20):
        async with AioClient(timeout=20) as other:
            with pytest.raises(KeyError):
                await other.cache("profiles").get_or_load(f"{fresh}{number}", fails_later)
        assert may_load(client, f"{fresh}{number}")


def test_a_call_that_nobody_keeps_is_kept(client, fresh):
    for number in range(20):
        with pytest.raises(KeyError):
            client.cache("profiles").get_or_load(f"{fresh}{number}", fails)
        for call in tuple(client._transport._told):
            assert call.exception(20) is None


async def test_a_refresh_that_the_end_of_its_client_ends(client, fresh):
    client.cache("profiles").set(fresh, 1)
    client.cache("profiles").invalidate([fresh], soft=True)
    async with AioClient(timeout=20) as other:
        assert (await other.cache("profiles").fetch(fresh, never)).stale
        assert not may_load(client, fresh)
    assert may_load(client, fresh)


async def test_what_had_not_begun_can_clean_up():
    tasks, ended = BackgroundTasks(), []

    async def work():
        try:
            await never()
        finally:
            ended.append(True)

    assert tasks.start(work)
    await tasks.close()
    assert ended == [True] and not tasks.start(work)


def test_a_thread_that_cannot_be_had_keeps_no_room(monkeypatch):
    threads, done = BackgroundThreads(), threading.Event()

    def no_more(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_more)
        assert not any([threads.start(done.set) for _ in range(MOST)])
    assert threads.start(done.set) and done.wait(20)


async def test_an_end_that_is_cancelled_is_an_end_all_the_same():
    for turns in range(30):
        client = AioClient(timeout=20)
        await client.limiter.allow(user="1")
        lease = await client.pool("wide").acquire()
        async with client.breaker("bench"):
            pass
        end = asyncio.ensure_future(client.close())
        for _ in range(turns):
            await asyncio.sleep(0)
        end.cancel()
        await asyncio.wait([end])
        if turns:  # else it has not begun
            assert channels._channels[asyncio.get_running_loop()] == {} and lease.lost
        await client.close()
