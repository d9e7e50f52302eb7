"""Callers of one sidecar, each on a thread of its own, and what they saw.

They do what deploy/upgrade.md tells callers to do: wait until the sidecar is there, and
ask again if it said UNAVAILABLE.
"""

import collections
import json
import threading
import time

import grpc
from outrigger.cache.v1 import cache_pb2 as cache, cache_pb2_grpc as cache_rpc
from outrigger.pool.v1 import pool_pb2 as pool, pool_pb2_grpc as pool_rpc
from outrigger.ratelimit.v1 import rate_limiter_pb2 as limits, rate_limiter_pb2_grpc as limits_rpc

RETRY = {"methodConfig": [{
    "name": [{}], "waitForReady": True, "timeout": "20s",
    "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.05s", "maxBackoff": "1s", "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"]}}]}
OPTIONS = [("grpc.default_authority", "localhost"), ("grpc.service_config", json.dumps(RETRY)),
           ("grpc.http2.bdp_probe", 0), ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 1000)]


class Ledger:
    """What all callers of the fleet saw. Thread-safe."""

    def __init__(self, cap):
        self._lock = threading.Lock()
        self._cap = cap
        self._leases = 0
        self.admitted = {}  # limit → [(asked at, answered at)]
        self.denied = collections.Counter()  # limit → how often
        self.most_leases = 0
        self.mistakes = []

    def decision(self, limit, asked, answered, allowed):
        with self._lock:
            if not allowed:
                self.denied[limit] += 1
                return
            self.admitted.setdefault(limit, []).append((asked, answered))

    def hold(self, change):
        with self._lock:
            self._leases += change
            self.most_leases = max(self.most_leases, self._leases)
            if self._leases > self._cap:
                self.mistakes.append(f"{self._leases} leases of {self._cap}")

    def mistake(self, what):
        with self._lock:
            self.mistakes.append(what)


class Clients:
    """Of the pod at `target`, until close()."""

    def __init__(self, target, ledger):
        self._channel = grpc.insecure_channel(target, options=OPTIONS)
        self._ledger = ledger
        self._stop = threading.Event()
        self.answers = {}  # caller → how many
        self._threads = [threading.Thread(target=self._run, args=(name, *work), daemon=True) for name, work in {
            "leased": (self._allow, "leased"), "exact": (self._allow, "exact"),
            "pool 1": (self._use_slot,), "pool 2": (self._use_slot,), "cache": (self._read,)}.items()]
        self._limits = limits_rpc.RateLimiterStub(self._channel)
        self._pool = pool_rpc.PoolStub(self._channel)
        self._cache = cache_rpc.CacheStub(self._channel)
        for thread in self._threads:
            thread.start()

    def close(self):
        """After it none of them is under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._channel.close()

    def _run(self, name, work, *arguments):
        self.answers[name] = 0
        while not self._stop.is_set():
            try:
                work(*arguments)
            except grpc.RpcError as error:
                self._ledger.mistake(f"{name}: {error.code()} {error.details()}")
            self.answers[name] += 1

    def _allow(self, limit):
        asked = time.monotonic()
        answer = self._limits.Allow(limits.AllowRequest(attributes={limit: "all"}))
        self._ledger.decision(limit, asked, time.monotonic(), answer.allowed)

    def _use_slot(self):
        request = pool.AcquireRequest(pool="database")
        request.max_wait.FromSeconds(2)
        slot = self._pool.Acquire(request)
        if not slot.acquired:
            return
        self._ledger.hold(+1)
        self._read()  # the work that the slot is for
        self._ledger.hold(-1)
        self._pool.Release(pool.ReleaseRequest(lease_id=slot.lease_id, result=pool.SUCCESS))

    def _read(self):
        key = {"namespace": "profiles", "key": "one"}
        found = self._cache.Get(cache.GetRequest(**key))
        if found.fill_token:
            self._cache.Set(cache.SetRequest(value=b"value", fill_token=found.fill_token, **key))
        elif found.status == cache.HIT and found.value != b"value":
            self._ledger.mistake(f"the cache answered {found.value!r}")
