"""The processes of a benchmark: echo servers, sidecars and Redis.

Each is started on a socket or port of its own and killed when the `Bench` that
owns it ends.
"""

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness.first_call import DEGRADED, ask


class Failed(Exception):
    """A benchmark could not be run; the text says why."""


def wait_for(what, condition, seconds=10.0):
    """Returns the first true value of `condition()`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.002)
    raise Failed(f"timed out: {what}")


def free_port():
    """A TCP port on 127.0.0.1 that nobody listens on, below the ephemeral ones."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def accepts(address):
    """Whether somebody accepts on a Unix path or a TCP port."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(address if isinstance(address, str)
                          else ("127.0.0.1", address))
            return True
        except OSError:
            return False


class Child:
    """A child process with a log file; killed by close()."""

    def __init__(self, argv, folder, name, env=None):
        self.argv = [str(a) for a in argv]
        self.log_path = os.path.join(folder, f"{name}.log")
        self._env = {**os.environ, **(env or {})}
        self.process = None
        self.spawn()

    def spawn(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._env)

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def await_serving(self, address):
        def serving():
            if self.process.poll() is not None:
                raise Failed(f"{self.argv[0]} ended:\n{self.log()[-2000:]}")
            return accepts(address)
        wait_for(f"{self.argv[0]} to serve", serving)

    def signal(self, number):
        os.kill(self.pid, number)

    def rss_bytes(self):
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise Failed(f"no VmRSS of {self.argv[0]}")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()  # also ends a stopped one
        self.process.wait()


class Server(Child):
    """A child that serves gRPC on a Unix socket and on TCP."""

    def __init__(self, argv, folder, name, unix_path, tcp_port, env=None):
        self.unix_path = unix_path
        self.unix_target = f"unix:{unix_path}"
        self.tcp_target = f"127.0.0.1:{tcp_port}"
        self.name = name
        super().__init__(argv, folder, name, env)
        self.await_serving(unix_path)


class Redis(Child):
    """A redis-server of its own, without persistence."""

    def __init__(self, folder, name):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        home = os.path.join(folder, name)
        os.makedirs(home, exist_ok=True)
        super().__init__(
            ["redis-server", "--port", self.port, "--bind", "127.0.0.1",
             "--save", "", "--appendonly", "no", "--dir", home], folder, name)
        self.await_serving(self.port)

    def restart(self):
        """Kills it with SIGKILL and starts it again, empty."""
        self.close()
        self.spawn()
        self.await_serving(self.port)

    def command(self, *args):
        """The reply of one command, as redis-cli prints it."""
        return subprocess.run(
            ["redis-cli", "-p", str(self.port), *map(str, args)], check=True,
            capture_output=True, text=True).stdout

    def command_stats(self):
        """Command to (calls, microseconds) since CONFIG RESETSTAT."""
        stats = {}
        for line in self.command("INFO", "commandstats").split():
            if line.startswith("cmdstat_"):
                name, fields = line[len("cmdstat_"):].split(":", 1)
                values = dict(f.split("=") for f in fields.split(","))
                stats[name] = (int(values["calls"]), float(values["usec"]))
        return stats


class Collector(Child):
    """Takes what is exported to it, and counts the spans."""

    def __init__(self, program, folder, name):
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        super().__init__([program, "--tcp_port", port], folder, name)
        self.await_serving(port)

    def spans(self):
        """How many came. It ends."""
        self.signal(signal.SIGTERM)
        self.process.wait()
        return int(self.log().split()[-1])


class Bench:
    """Where the programs are, how long to measure, and what is running."""

    # How long a load goes on without a collector; see rows/telemetry.py.
    collector_gone_minutes = 1

    def __init__(self, build, program, quick):
        self.build = build
        self.program = program
        self.quick = quick
        self.folder = tempfile.mkdtemp(prefix="outrigger-bench-")
        self.notes = {}
        self._children = []
        self._count = 0
        # Inherited by the children: ten thousand calls need no more, but a
        # shell's default of 1,024 is low.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    def tool(self, name):
        path = os.path.join(self.build, "bench", name)
        if not os.path.exists(path):
            raise Failed(f"{path} is not built")
        return path

    def _name(self, kind):
        self._count += 1
        return f"{kind}{self._count}"

    def _keep(self, child):
        self._children.append(child)
        return child

    def echo(self, *args, program=None, env=None):
        """An echo server: the floor."""
        name, port = self._name("echo"), free_port()
        path = os.path.join(self.folder, f"{name}.sock")
        argv = [program or self.tool("bench_echo"), "--unix_socket", path,
                "--tcp_port", port, *args]
        return self._keep(Server(argv, self.folder, name, path, port, env))

    def sidecar_config(self, name, limits, redis=None, cache=None, **sections):
        """(path of the file, Unix path, TCP port, admin's port)."""
        path = os.path.join(self.folder, f"{name}.sock")
        port, admin_port = free_port(), free_port()
        config = {
            "listen": {"unix": path, "tcp": f"127.0.0.1:{port}",
                       "admin": f"127.0.0.1:{admin_port}"},
            "limits": limits, **sections,
        }
        if cache is not None:
            config["cache"] = cache
        if redis is not None:
            config["store"] = {"redis": {"url": redis.url, "prefix": "bench"}}
        file = os.path.join(self.folder, f"{name}.yaml")
        with open(file, "w") as out:
            json.dump(config, out)  # JSON is YAML too
        return file, path, port, admin_port

    def sidecar(self, limits, redis=None, env=None, cache=None, **sections):
        """The product, serving these limits; `sections`: breakers, pools."""
        if not os.path.exists(self.program):
            raise Failed(f"{self.program} is not built")
        name = self._name("sidecar")
        file, path, port, admin_port = self.sidecar_config(
            name, limits, redis, cache, **sections)
        argv = [self.program, "serve", "--config", file]
        server = self._keep(Server(argv, self.folder, name, path, port, env))
        server.admin_port = admin_port
        if redis is not None:
            self._await_coordinated(server)
        return server

    def _await_coordinated(self, server):
        """It serves before it has reached Redis; figures begin after that."""
        try:
            wait_for("coordinated", lambda: not ask(
                server.unix_path, "warm").get(DEGRADED))
        except Failed:
            raise Failed("the sidecar does not reach Redis: " +
                         server.log()[-2000:]) from None

    def collector(self):
        return self._keep(Collector(self.tool("bench_collector"), self.folder,
                                    self._name("collector")))

    def redis(self):
        return self._keep(Redis(self.folder, self._name("redis")))

    def close_all(self):
        """Ends what runs; the next row starts from nothing."""
        while self._children:
            self._children.pop().close()

    def close(self):
        self.close_all()
        shutil.rmtree(self.folder, ignore_errors=True)

