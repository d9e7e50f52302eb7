"""A real OpenTelemetry Collector, the program of the folder collector/."""

import json
import os
import socket
import subprocess

from support import free_port, wait_for

CONFIG = """
receivers:
  otlp:
    protocols:
      {protocol}:
        endpoint: 127.0.0.1:{port}
exporters:
  lines:
    path: {path}
service:
  pipelines:
    traces: {{receivers: [otlp], exporters: [lines]}}
    metrics: {{receivers: [otlp], exporters: [lines]}}
    logs: {{receivers: [otlp], exporters: [lines]}}
"""


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Collector:
    """Receives over one protocol, "grpc" or "http"; ready when entered."""

    def __init__(self, program, folder, protocol):
        self.port = free_port()
        self.path = os.path.join(folder, protocol + ".jsonl")
        config = os.path.join(folder, protocol + ".yaml")
        with open(config, "w") as file:
            file.write(CONFIG.format(protocol=protocol, port=self.port, path=self.path))
        self.process = subprocess.Popen([program, "--config", "file:" + config])

    def __enter__(self):
        wait_for(lambda: listens(self.port) or self.process.poll() is not None)
        assert self.process.poll() is None, "the collector ended"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def wrote(self, resources, scopes, items):
        """All items of a signal, and the resources they came with."""
        found, senders = [], []
        with open(self.path) as file:
            for line in file:
                for resource in json.loads(line).get(resources, []):
                    senders.append({attribute["key"]: attribute["value"]
                                    for attribute in resource["resource"]["attributes"]})
                    for scope in resource[scopes]:
                        found += scope[items]
        return found, senders
