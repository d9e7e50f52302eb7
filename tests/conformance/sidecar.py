"""A real sidecar of its own, on a Unix socket in a folder of its own."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).parent
PATIENCE_S = 30  # far longer than anything takes: a slow machine only waits


def wait_for(condition, what):
    """Waits until `condition()` is true; what it was last, if it is."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > give_up:
            raise TimeoutError(f"not within {PATIENCE_S} s: {what}")
        time.sleep(0.005)  # a poll within a wait that has a deadline


def _plain():
    # The sidecar takes each OUTRIGGER_… for an option; what tests are told is none.
    return {name: value for name, value in os.environ.items()
            if not name.startswith("OUTRIGGER_")}


class Sidecar:
    """Started at once; killed by `close`, its folder removed.

    `config` is YAML without `listen`; None: sidecar.yaml.
    """

    def __init__(self, program, config=None):
        self.program = str(program)
        self.folder = tempfile.mkdtemp(prefix="outrigger-conformance-")
        self.socket = os.path.join(self.folder, "o.sock")
        text = (HERE / "sidecar.yaml").read_text() if config is None else config
        self._config = os.path.join(self.folder, "config.yaml")
        with open(self._config, "w") as file:
            file.write(f"listen: {{unix: {self.socket}, tcp: off, admin: off}}\n{text}")
        self._log = open(os.path.join(self.folder, "log"), "ab")
        self._process = None
        self.start()

    @property
    def target(self):
        return f"unix://{self.socket}"

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        """Starts it, again after `kill` or `terminate`, and waits until it serves."""
        self._process = subprocess.Popen(
            [self.program, "serve", "--config", self._config],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, env=_plain())
        wait_for(self._serves, "the sidecar serves\n" + self.log())

    def _serves(self):
        if self._process.poll() is not None:
            raise RuntimeError("the sidecar ended:\n" + self.log())
        return self.command("probe --ready").returncode == 0

    def command(self, words):
        """Runs `outrigger WORDS` on its socket."""
        return subprocess.run(
            [self.program, *words.split()], capture_output=True, text=True, timeout=PATIENCE_S,
            env={**_plain(), "OUTRIGGER_TARGET": self.target})

    def stop(self):
        """Stops it from running: it hangs."""
        self._process.send_signal(signal.SIGSTOP)
        # On a busy machine its threads go on until the one that got it runs.
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def kill(self):
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def terminate(self):
        """Tells it to stop, and waits for that."""
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def log(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as file:
            return file.read()[-3000:]

    def close(self):
        if self._process.poll() is None:
            self.kill()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
