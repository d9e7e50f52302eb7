"""A real PostgreSQL whose role may have only so many connections."""

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

from sidecar import wait_for

# The cap of the pool `postgres` in sidecar.yaml.
CONNECTIONS = 5


def _program(name):
    # Debian keeps the server's programs out of $PATH, in a folder a version.
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else name


def _user():
    # PostgreSQL does not run as root.
    return pwd.getpwnam("postgres") if os.getuid() == 0 else None


class Postgres:
    """Started at once, on a free port; killed by `close`, its folder removed."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="outrigger-postgres-")
        user = _user()
        self._as = {} if user is None else {
            "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        if user is not None:
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        data = os.path.join(self.folder, "data")
        subprocess.run(
            [_program("initdb"), "--pgdata", data, "--username", "admin", "--auth", "trust",
             "--no-sync", "--no-instructions", "--locale", "C"],
            check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **self._as)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process = subprocess.Popen(
            [_program("postgres"), "-D", data, "-p", str(self.port), "-k", self.folder,
             "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **self._as)
        wait_for(lambda: self._ask("SELECT 1") == 0, "PostgreSQL serves")
        if self._ask(f"CREATE ROLE app LOGIN CONNECTION LIMIT {CONNECTIONS}") != 0:
            raise RuntimeError("cannot make the role app")

    def _ask(self, sql):
        return subprocess.run(
            ["psql", "-h", self.folder, "-p", str(self.port), "-U", "admin", "-d", "postgres",
             "-qc", sql],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    @property
    def environment(self):
        """What libpq and most clients look at."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "app",
                "PGDATABASE": "postgres", "PGSSLMODE": "disable"}

    def close(self):
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)
