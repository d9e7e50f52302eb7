"""A lease for each physical connection of an SQLAlchemy engine.

    engine = create_engine("postgresql+psycopg://app@db/orders")
    lease_connections(engine, client.pool("orders-db"))

The engine's own pool keeps connections as ever; a lease is taken before one is
opened, and given back after it has been closed. So all pods together have at
most as many connections as the pool has slots.
"""

from __future__ import annotations

import logging
import os
import socket
from typing import Any

from sqlalchemy import Engine, event, exc

from outrigger._sync.pool import Pool
from outrigger.leasing import Lease
from outrigger.outcomes import Result, classify

_log = logging.getLogger("outrigger")
#: Seconds to wait until the server has hung up.
_FAREWELL = 1.0


def lease_connections(
    engine: Engine,
    pool: Pool,
    *,
    max_wait: float = 5,
    role: str = "",
    session_key: str = "",
    use_endpoint: bool = True,
) -> None:
    """Caps the connections of `engine`. Call it once, before the first connection.

    max_wait, role, session_key  as `Pool.acquire`'s.
    use_endpoint                 connect to the lease's endpoint, if it has one that
                                 is `host:port`, instead of to the URL's.

    Where there is no slot in time, what asked for a connection raises NotAcquired. A
    connection whose lease is lost is closed and not used again: at the latest when
    it is next taken from the engine's pool or put back. Idle connections of the
    engine keep their slots: keep its `pool_size` small, or set `pool_recycle`.
    """
    _Leases(pool, max_wait, role, session_key, use_endpoint).attach(engine)


class _Leases:
    """Of one engine's connections. Thread-safe, as far as the engine is."""

    def __init__(
        self, pool: Pool, max_wait: float, role: str, session_key: str, use_endpoint: bool
    ) -> None:
        self._pool = pool
        self._options: dict[str, Any] = {
            "max_wait": max_wait,
            "role": role,
            "session_key": session_key,
        }
        self._use_endpoint = use_endpoint
        # By the identity of the driver's connection, which is kept for that.
        self._leases: dict[int, tuple[Any, Lease]] = {}

    def attach(self, engine: Engine) -> None:
        event.listen(engine, "do_connect", self._connect)
        event.listen(engine, "checkout", self._checkout)
        event.listen(engine, "checkin", self._checkin)
        # There is no event after a connection has been closed.
        dialect: Any = engine.dialect
        dialect.do_close = self._then_release(dialect.do_close)
        dialect.do_terminate = self._then_release(dialect.do_terminate)

    def _connect(self, dialect: Any, record: Any, args: Any, options: Any) -> Any:
        lease = self._pool.acquire(**self._options)
        host, _, port = (lease.endpoint or "").rpartition(":")
        if self._use_endpoint and host and port.isdigit():
            options.update(host=host, port=int(port))
        try:
            connection = dialect.connect(*args, **options)
        except BaseException as error:
            lease.release(classify(error))
            raise
        self._leases[id(connection)] = (connection, lease)
        return connection

    def _checkout(self, connection: Any, record: Any, proxy: Any) -> None:
        if self._lost(connection):
            # The engine's pool closes it, and tries with another.
            raise exc.DisconnectionError("the connection's lease was lost")

    def _checkin(self, connection: Any, record: Any) -> None:
        if connection is not None and self._lost(connection):
            record.invalidate()

    def _lost(self, connection: Any) -> bool:
        entry = self._leases.get(id(connection))
        return entry is not None and entry[1].lost

    def _then_release(self, close: Any) -> Any:
        def close_and_release(connection: Any) -> None:
            entry = self._leases.pop(id(connection), None)
            if entry is None:
                close(connection)
                return
            number = _own_copy_of_socket(connection)
            try:
                close(connection)
            finally:
                if number is not None:
                    _wait_until_hung_up(number)
                entry[1].release(Result.SUCCESS)

        return close_and_release


def _own_copy_of_socket(connection: Any) -> int | None:
    """A file descriptor that outlives the connection's; None: the driver has none
    to show, or the connection is broken."""
    try:
        return os.dup(connection.fileno())
    except Exception:
        return None


def _wait_until_hung_up(number: int) -> None:
    """A server counts a connection until it has hung up, and the next holder of the
    slot may connect at once."""
    with socket.socket(fileno=number) as connection:
        connection.settimeout(_FAREWELL)
        try:
            while connection.recv(4096):
                pass
        except socket.timeout:
            _log.warning("the server has not hung up within %s s", _FAREWELL)
        except OSError:
            pass  # that is hung up, too
