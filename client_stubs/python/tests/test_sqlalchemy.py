"""The adapter with a real PostgreSQL, whose role may have only as many connections
as the pool `postgres` has slots: 5."""

import os
import threading

import pytest
import sqlalchemy
from sqlalchemy import text

from outrigger import Client, NotAcquired
from outrigger.sqlalchemy import lease_connections

SLOTS = 5


def make_engine(connect_args=None, **options):
    # The database of the test's has no encoding of its own.
    return sqlalchemy.create_engine(
        "postgresql+psycopg://",
        connect_args={"client_encoding": "utf8", **(connect_args or {})},
        **options,
    )


@pytest.fixture
def engine():
    made = make_engine(pool_size=SLOTS, max_overflow=0)
    yield made
    made.dispose()


def held(client):
    return client._pools.hold._book.held


def test_there_is_a_database():
    assert "PGHOST" in os.environ, "run this beside with_sidecar.py --postgres"


def test_a_lease_for_each_connection(client, engine, wait_for):
    lease_connections(engine, client.pool("postgres"))
    with engine.connect() as first, engine.connect() as second:
        assert first.scalar(text("select 1")) == second.scalar(text("select 1")) == 1
        assert len(held(client)) == 2
    assert len(held(client)) == 2  # the engine keeps the connections
    with engine.connect():
        assert len(held(client)) == 2
    engine.dispose()
    assert held(client) == []


def test_two_applications_share_the_cap(client):
    """Each has a pool that is large enough for all; the database never refuses."""
    with Client(timeout=20) as other:
        engines = [make_engine(poolclass=sqlalchemy.NullPool) for _ in range(2)]
        for engine, its_client in zip(engines, (client, other)):
            lease_connections(engine, its_client.pool("postgres"), max_wait=20)
        errors = []

        def work(engine):
            try:
                for _ in range(10):
                    with engine.connect() as connection:
                        assert connection.scalar(text("select 1")) == 1
            except Exception as error:
                errors.append(error)

        threads = [
            threading.Thread(target=work, args=(engine,)) for engine in engines for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert held(client) == held(other) == []


def test_no_slot_in_time(client, engine):
    lease_connections(engine, client.pool("postgres"), max_wait=0)
    with Client(timeout=20) as other:
        leases = [other.pool("postgres").acquire() for _ in range(SLOTS)]
        with pytest.raises(NotAcquired):
            engine.connect()
        leases[0].release()
        leases[0] = other.pool("postgres").acquire()  # its release has arrived
        leases.pop().release()
        other.pool("postgres").acquire().release()
        engine_waits = make_engine(poolclass=sqlalchemy.NullPool)
        lease_connections(engine_waits, client.pool("postgres"), max_wait=20)
        with engine_waits.connect() as connection:
            assert connection.scalar(text("select 1")) == 1


def test_a_connection_that_cannot_be_made_gives_its_lease_back(client):
    broken = make_engine(connect_args={"dbname": "there_is_none"})
    lease_connections(broken, client.pool("postgres"))
    for _ in range(2 * SLOTS):
        with pytest.raises(sqlalchemy.exc.OperationalError):
            broken.connect()
    assert held(client) == []


def test_a_lost_leases_connection_is_not_used_again(own_sidecar, engine, wait_for):
    with Client(own_sidecar.target, timeout=20) as client:
        lease_connections(engine, client.pool("postgres"))
        pids = []
        with engine.connect() as connection:
            pids.append(connection.scalar(text("select pg_backend_pid()")))
        with engine.connect() as connection:  # kept by the engine
            pids.append(connection.scalar(text("select pg_backend_pid()")))
            (lease,) = held(client)
            lost = threading.Event()
            lease.on_lost(lost.set)
            own_sidecar.kill()
            assert lost.wait(20)
        own_sidecar.start()

        def asked_again():
            try:
                with engine.connect() as connection:
                    return connection.scalar(text("select pg_backend_pid()"))
            except NotAcquired:
                return None

        pids.append(wait_for(asked_again, "the sidecar answers again"))
        assert pids[0] == pids[1] != pids[2]


def test_the_leases_endpoint_is_connected_to(client):
    """`orders` says 127.0.0.1:5001, where nobody listens."""
    engine = make_engine()
    lease_connections(engine, client.pool("orders"))
    with pytest.raises(sqlalchemy.exc.OperationalError) as refused:
        engine.connect()
    assert "5001" in str(refused.value)
    elsewhere = make_engine()
    lease_connections(elsewhere, client.pool("orders"), use_endpoint=False)
    with elsewhere.connect() as connection:
        assert connection.scalar(text("select 1")) == 1
    elsewhere.dispose()
