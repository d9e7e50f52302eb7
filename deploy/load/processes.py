"""A real Redis and a real sidecar of their own, in a folder of their own."""

import os
import re
import subprocess
import time

PATIENCE_S = 30  # far longer than anything takes: a slow machine only waits


def wait_for(condition, what):
    """What `condition` returns once that is true; looks every few milliseconds."""
    give_up = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        if time.monotonic() > give_up:
            raise TimeoutError(f"not within {PATIENCE_S} s: {what}")
        time.sleep(0.005)
    return found


class Process:
    """A child that is killed at the end of its `with`."""

    def __init__(self, command, log, environment=None):
        self.log = log
        with open(log, "ab") as file:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                            env=environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def said(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def wait_for(self, condition, what):
        def look():
            if self.process.poll() is not None:
                raise RuntimeError(f"{what}: it ended:\n{self.said()[-3000:]}")
            return condition()
        return wait_for(look, what)


class Redis(Process):
    """Without persistence, on a Unix socket: no port that another could have."""

    def __init__(self, folder):
        path = os.path.join(folder, "redis.sock")
        super().__init__(["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder],
                         os.path.join(folder, "redis.log"))
        self.url = f"unix://{path}"
        self.wait_for(lambda: "Ready to accept" in self.said() or "ready to accept" in self.said(), "Redis")


class Sidecar(Process):
    """Serves the file `config` on `name`.sock of the folder and, if asked, on a
    TCP port that the kernel chooses; ready when it was made."""

    def __init__(self, program, config, redis, folder, name="sidecar", tcp=False):
        self.program = str(program)
        socket = os.path.join(folder, name + ".sock")
        self.unix = f"unix://{socket}"
        environment = {
            "PATH": os.environ["PATH"],
            "OUTRIGGER_LISTEN_UNIX": socket,
            "OUTRIGGER_LISTEN_TCP": "127.0.0.1:0" if tcp else "off",
            "OUTRIGGER_LISTEN_ADMIN": "off",
            "OUTRIGGER_STORE_REDIS_URL": redis.url,
        }
        log = os.path.join(folder, name + ".log")
        if os.path.exists(log):
            os.unlink(log)  # of one before it, of the same name
        super().__init__([self.program, "serve", "--config", str(config)], log, environment)
        self.wait_for(self._serves, "the sidecar")
        found = re.search(r"on +(127\.0\.0\.1:\d+)\n", self.said())
        self.tcp = found and found[1]

    def _serves(self):
        probe = [self.program, "probe", "--ready", "--target", self.unix]
        return subprocess.run(probe, capture_output=True).returncode == 0

    def drain(self):
        """Tells it to stop; returns its exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)
