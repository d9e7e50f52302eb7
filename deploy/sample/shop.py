"""A service that calls a shop through a breaker and a pool, four times a second.

    python3 -m venv venv && venv/bin/pip install grpcio grpcio-tools
    venv/bin/python -m grpc_tools.protoc -I proto --python_out=. --grpc_python_out=. \
        proto/outrigger/breaker/v1/breaker.proto proto/outrigger/pool/v1/pool.proto
    PYTHONPATH=. venv/bin/python deploy/sample/shop.py drill

It dials OUTRIGGER_TARGET, or the sidecar of `make run`. Watch the page, where
both are shown. With `drill` the shop is a process of its own that this starts,
kills after a few seconds and starts again, and so on; without, it is yours to
start and stop: `python3 -m http.server 8099 --bind 127.0.0.1`.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

import grpc
from outrigger.breaker.v1 import breaker_pb2 as breaker, breaker_pb2_grpc as breaker_rpc
from outrigger.pool.v1 import pool_pb2 as pool, pool_pb2_grpc as pool_rpc

TARGET = os.environ.get("OUTRIGGER_TARGET", "127.0.0.1:7420")


def ask(address):
    """What the shop answers; raises if it does not."""
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=1)
    try:
        connection.request("GET", "/")
        status = connection.getresponse().status
    finally:
        connection.close()
    if status >= 500:
        raise OSError(f"status {status}")
    return f"status {status}"


class Shop:
    """Calls of the shop that may be made, and no more at a time than the pool's cap."""

    def __init__(self, channel):
        self.breaker = breaker_rpc.BreakerStub(channel)
        self.pool = pool_rpc.PoolStub(channel)

    def call(self):
        """What happened, in a few words."""
        permit = self.breaker.Acquire(breaker.AcquireRequest(breaker="shop"), timeout=1)
        if not permit.allowed:
            return f"not called: {permit.message}"
        slot = self.pool.Acquire(pool.AcquireRequest(pool="shop"), timeout=3)
        if not slot.acquired:
            self.report(permit, breaker.IGNORED)
            return f"no slot: {pool.Reason.Name(slot.reason)}"
        try:
            answer = ask(slot.endpoint.address)
        except OSError as error:
            self.release(slot, pool.FAILURE)
            self.report(permit, breaker.FAILURE)
            return f"failed: {error}"
        self.release(slot, pool.SUCCESS)
        self.report(permit, breaker.SUCCESS)
        return answer

    def release(self, slot, result):
        self.pool.Release(pool.ReleaseRequest(lease_id=slot.lease_id, result=result), timeout=1)

    def report(self, permit, result):
        outcome = breaker.Outcome(breaker="shop", permit=permit.permit, result=result)
        self.breaker.Report(breaker.ReportRequest(outcomes=[outcome]), timeout=1)


class Drill:
    """A shop that is there for a while, then not, then again."""

    UP_S, DOWN_S = 15, 7
    COMMAND = [sys.executable, "-m", "http.server", "8099", "--bind", "127.0.0.1"]

    def __init__(self):
        self.process = None
        self.folder = tempfile.TemporaryDirectory()

    def follow(self, elapsed):
        """Does what is due at this time; says what it did, or None."""
        up = elapsed % (self.UP_S + self.DOWN_S) < self.UP_S
        if up == (self.process is not None):
            return None
        if not up:
            self.close()
            return "-- the shop is killed"
        self.process = subprocess.Popen(self.COMMAND, cwd=self.folder.name, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        while self.process.poll() is None and not self.listens():
            time.sleep(0.05)
        return "-- the shop is started"

    @staticmethod
    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", 8099)) == 0

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None


def run(shop, drill):
    """Calls for ever, and prints what is new."""
    said, began = None, time.monotonic()

    def say(what):
        print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)

    while True:
        done = drill and drill.follow(time.monotonic() - began)
        if done:
            say(done)
        says = shop.call()
        if says != said:
            say(says)
        said = says
        time.sleep(0.25)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    options = [("grpc.default_authority", "localhost")]
    with grpc.insecure_channel(TARGET, options=options) as channel:
        drill = Drill() if sys.argv[1:] == ["drill"] else None
        try:
            run(Shop(channel), drill)
        except KeyboardInterrupt:
            pass
        finally:
            if drill:
                drill.close()


if __name__ == "__main__":
    main()
