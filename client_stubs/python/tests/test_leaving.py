"""Callers that go before they are answered, and clients that are closed under them."""

import asyncio
import threading

import pytest

from outrigger import Client, ClientClosed, NotAcquired, Source
from outrigger.aio import Client as AioClient


async def test_a_cancelled_question_leaves_nothing(own_sidecar):
    async with AioClient(own_sidecar.target, timeout=30) as client:
        await client.limiter.allow(user="1")
        own_sidecar.stop()
        tasks = [asyncio.ensure_future(client.limiter.allow(user="1")) for _ in range(5)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)
        own_sidecar.resume()
        assert (await client.limiter.allow(user="2")).source is Source.SIDECAR
        assert client.pending == 0


async def test_a_cancelled_acquire_gives_its_slot_back(aio_client, wait_for):
    """However far it had come: cancelled after so many turns of the loop."""
    for turns in range(40):
        task = asyncio.ensure_future(aio_client.pool("wide").acquire()._acquire())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result().release()
    async with aio_client.pool("wide").acquire():
        pass
    assert aio_client._pools.hold._book.held == []


async def test_a_cancelled_loader_lets_another_load(aio_client, fresh):
    loading = asyncio.Event()

    async def never():
        loading.set()
        await asyncio.Event().wait()

    async def value():
        return 1

    cache = aio_client.cache("profiles")
    task = asyncio.ensure_future(cache.get_or_load(fresh, never))
    await loading.wait()
    task.cancel()
    await asyncio.wait([task])
    found = await cache.fetch(fresh, value, max_wait=20)
    assert found.value == 1 and found.loaded


async def test_an_unreadable_value_is_loaded_anew(aio_client, fresh):
    from outrigger import TEXT

    async def value():
        return {"a": 1}

    await aio_client.cache("profiles", codec=TEXT).set(fresh, "not JSON")
    found = await aio_client.cache("profiles").fetch(fresh, value)
    assert found.value == {"a": 1} and found.loaded
    many = aio_client.cache("profiles").get_or_load_many
    assert await many([fresh], lambda keys: _later({key: 2 for key in keys})) == {fresh: 2}


async def _later(value):
    return value


def test_close_while_threads_ask(own_sidecar):
    client = Client(own_sidecar.target, timeout=30)
    client.limiter.allow(user="1")
    lease = client.pool("wide").acquire()
    own_sidecar.stop()
    sources, began = [], threading.Semaphore(0)

    def ask():
        began.release()
        sources.append(client.limiter.allow(user="1").source)

    def acquire():
        began.release()
        with pytest.raises(NotAcquired) as refused:
            client.pool("orders").acquire(max_wait=20)
        sources.append(refused.value.source)

    threads = [threading.Thread(target=target) for target in (ask, ask, ask, acquire)]
    for thread in threads:
        thread.start()
    for _ in threads:
        began.acquire()
    # Those that have not come so far are told that it is closed, and that is right, too.
    _wait_until(lambda: client.stats().limits.calls == 4 and client.stats().pool.calls == 2)
    client.close()
    for thread in threads:
        thread.join(20)
    assert sources == 4 * [Source.FALLBACK]
    assert lease.lost and client.pending == 0
    with pytest.raises(ClientClosed):
        client.limiter.allow(user="1")
    client.close()


def _wait_until(condition):
    import sidecar

    sidecar.wait_for(condition, "all have asked")


async def test_another_event_loop_is_said(aio_client):
    await aio_client.limiter.allow(user="1")

    def elsewhere():
        with pytest.raises(RuntimeError, match="another event loop"):
            asyncio.run(aio_client.limiter.allow(user="1"))
        return True

    assert await asyncio.get_running_loop().run_in_executor(None, elsewhere)


def test_one_channel_for_all_clients_of_a_target(own_sidecar):
    from outrigger._sync import channels

    target = own_sidecar.target.replace("unix://", "unix:")
    first, second = Client(own_sidecar.target), Client(own_sidecar.target)
    assert target not in channels._channels
    first.limiter.allow(user="1")
    second.limiter.allow(user="1")
    assert channels._channels[target][1] == 2
    first.close()
    assert second.limiter.allow({"user": "1"}, max_wait=20).source is Source.SIDECAR
    second.close()
    assert target not in channels._channels


def test_threads_end_with_their_client(own_sidecar):
    before = threading.active_count()
    with Client(own_sidecar.target, timeout=20) as client:
        with client.breaker("bench"), client.pool("wide").acquire():
            pass
        client.flush()
    ours = [thread.name for thread in threading.enumerate() if thread.name.startswith("outrigger")]
    assert ours == [] and threading.active_count() <= before + 1  # gRPC's own may linger
