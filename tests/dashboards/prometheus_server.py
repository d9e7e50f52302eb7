"""A real Prometheus for tests: a free port, a folder of its own, killed at the end."""

import json
import os
import pathlib
import random
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

PATIENCE_S = 60  # far longer than anything takes


def wait_for(condition, what):
    """What `condition` returns once that is true; looks every few milliseconds."""
    give_up = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        if time.monotonic() > give_up:
            raise AssertionError(f"gave up waiting for {what}")
        time.sleep(0.02)
    return found


def _free_port():
    """A port below the ephemeral ones, so that no connection takes it meanwhile."""
    while True:
        port = random.randint(15000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class PrometheusServer:
    """Scrapes `target` as job "outrigger", with the rules of `rule_files`."""

    def __init__(self, target, rule_files):
        self._folder = tempfile.TemporaryDirectory()
        config = pathlib.Path(self._folder.name, "prometheus.json")  # JSON is YAML too
        config.write_text(json.dumps({
            "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"},
            "rule_files": [os.fspath(file) for file in rule_files],
            "scrape_configs": [{"job_name": "outrigger", "static_configs": [{"targets": [target]}]}],
        }))
        self._process = None
        for _ in range(5):  # another may take the port first
            self._start(config)
            wait_for(lambda: self._ready() or self._process.poll() is not None, "Prometheus")
            if self._process.poll() is None:
                return
        raise AssertionError(f"Prometheus did not start:\n{self._log.read_text()}")

    def _start(self, config):
        port = _free_port()
        self._url = f"http://127.0.0.1:{port}"
        self._log = pathlib.Path(self._folder.name, "log")
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
                 f"--storage.tsdb.path={self._folder.name}/data"],
                stdout=log, stderr=log)

    def _ready(self):
        """Whether it is this one, not another on the same port, that answers."""
        try:
            flags = self.ask("status/flags")
            return flags["storage.tsdb.path"].startswith(self._folder.name)
        except (OSError, AssertionError):
            return False

    def ask(self, path, **parameters):
        """`data` of the API's answer; raises AssertionError with what is wrong with it."""
        url = f"{self._url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path} {parameters}: {error.read().decode()}") from None

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()
