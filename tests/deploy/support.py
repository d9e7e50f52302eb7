"""What the tests of deploy/ share: a sidecar, a Redis, and waiting for something."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = SOURCE / "deploy"

# How long a test waits before it gives up: far longer than anything takes.
PATIENCE_SECONDS = 90


def wait_for(condition, what="it"):
    """Looks every few milliseconds; what is true in the end."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        if time.monotonic() > give_up:
            raise AssertionError(f"{what} did not come true in time")
        time.sleep(0.02)
    return found


def free_port():
    """A port below 32768 on which nobody listens now; another each time."""
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


_ports = iter(range(20000 + os.getpid() * 7 % 9000, 32768))


class Process:
    """A program that runs until the end of a `with`. Its output is told if that fails."""

    def __init__(self, command, **options):
        self.name = os.path.basename(str(command[0]))
        self.output = tempfile.NamedTemporaryFile(mode="w+", prefix=self.name, suffix=".log")
        self.process = subprocess.Popen([str(word) for word in command], stdout=self.output,
                                        stderr=subprocess.STDOUT, **options)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if kind is not None:
            print(f"--- {self.name} said:\n{self.said()[-4000:]}")
        self.output.close()

    def said(self):
        self.output.flush()
        return pathlib.Path(self.output.name).read_text(errors="replace")

    def check_runs(self):
        assert self.process.poll() is None, f"{self.name} ended: {self.said()[-2000:]}"


def copy_redis_settings(folder):
    """deploy/redis as it would be in /etc/redis, with that folder's name instead."""
    for name in ("users.acl", "redis.conf", "tls.conf"):
        text = (DEPLOY / "redis" / name).read_text()
        pathlib.Path(folder, name).write_text(text.replace("/etc/redis", str(folder)))


class Redis(Process):
    """A redis-server of a folder of its own; `user` and `password` are what we ask as."""

    def __init__(self, folder, *arguments, user=None, password=None, program="redis-server"):
        self.port = free_port()
        self.login = ["--user", user, "--pass", password, "--no-auth-warning"] if user else []
        super().__init__([program, *arguments, "--port", self.port, "--bind", "127.0.0.1",
                          "--dir", folder], cwd=folder)
        wait_for(self.serves, "Redis")

    def serves(self):
        self.check_runs()
        return self.ask("PING").strip() == "PONG"

    def ask(self, *words):
        done = subprocess.run(["redis-cli", "-h", "127.0.0.1", "-p", str(self.port), *self.login,
                               *map(str, words)], capture_output=True, text=True, check=False)
        return done.stdout


class Sidecar(Process):
    """`outrigger serve` on a socket in `folder`, with this configuration's text."""

    def __init__(self, program, folder, config, **variables):
        self.program = program
        self.socket = pathlib.Path(folder) / "o.sock"
        self.file = pathlib.Path(folder) / "outrigger.yaml"
        self.file.write_text(config)
        self.environment = {"PATH": os.environ["PATH"],
                            "OUTRIGGER_LISTEN_UNIX": str(self.socket),
                            "OUTRIGGER_LISTEN_TCP": "off", "OUTRIGGER_LISTEN_ADMIN": "off",
                            "OUTRIGGER_TARGET": f"unix:{self.socket}", **variables}
        super().__init__([program, "serve", "--config", self.file], env=self.environment)
        wait_for(self.serves, "the sidecar")

    def serves(self):
        self.check_runs()
        return self.run("probe").returncode == 0

    def run(self, *arguments):
        return subprocess.run([self.program, *map(str, arguments)], env=self.environment,
                              capture_output=True, text=True, check=False)

    def ask(self, *arguments):
        """A command's answer in JSON, which must not be an error."""
        done = self.run(*arguments, "--json")
        assert done.returncode in (0, 1), f"{arguments}: {done.stdout} {done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else {}


def folder():
    """A short path, as sockets want one."""
    return tempfile.TemporaryDirectory(prefix="outr", ignore_cleanup_errors=True)
