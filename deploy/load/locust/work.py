"""What one iteration does: RPCs of the four parts, and whether they did what the
caller came for. A denial is no failed RPC, but no success either. As ../k6/work.js.
"""

import math
import os
import random
import time

import gevent
import grpc
import grpc.experimental.gevent as grpc_gevent
from outrigger.breaker.v1 import breaker_pb2 as breaker, breaker_pb2_grpc as breaker_rpc
from outrigger.cache.v1 import cache_pb2 as cache, cache_pb2_grpc as cache_rpc
from outrigger.pool.v1 import pool_pb2 as pool, pool_pb2_grpc as pool_rpc
from outrigger.ratelimit.v1 import rate_limiter_pb2 as limits, rate_limiter_pb2_grpc as limits_rpc

grpc_gevent.init_gevent()  # else a call blocks all users of the process
# Each call that waits has a thread of gevent's, which are ten otherwise: those that wait
# for a value that another loads would keep that one from being told to load it.
gevent.get_hub().threadpool.maxsize = 1000

TIMEOUT_S = 5
KEYS = math.ceil(300 * float(os.environ.get("KEYS", 1)))


def connect(target):
    # Without the second option all users would share one connection.
    return grpc.insecure_channel(target, options=[("grpc.default_authority", "localhost"),
                                                  ("grpc.use_local_subchannel_pool", 1)])


class Work:
    """The RPCs of one user."""

    def __init__(self, channel, event, samples):
        self._event, self._samples = event, samples
        self._limits = limits_rpc.RateLimiterStub(channel)
        self._cache = cache_rpc.CacheStub(channel)
        self._breaker = breaker_rpc.BreakerStub(channel)
        self._pool = pool_rpc.PoolStub(channel)

    def calls(self, user):
        """Most of what a sidecar is asked."""
        self._samples.rate("success", self._allowed(user) and self._read())

    def journey(self, user):
        """A request's whole way."""
        self._samples.rate("success", self._allowed(user) and self._read() and self._call_the_shop())

    def _call(self, service, method, rpc, request):
        """The answer; None if the RPC failed."""
        began, answer, failed, status = time.perf_counter(), None, None, 0
        try:
            answer = rpc(request, timeout=TIMEOUT_S)
        except grpc.RpcError as error:
            failed, status = error, error.code().value[0]
        milliseconds = (time.perf_counter() - began) * 1e3
        self._samples.rpc(service, method, status, milliseconds)
        self._event.fire(request_type=service, name=method, response_time=milliseconds,
                         response_length=answer.ByteSize() if answer else 0, exception=failed)
        return answer

    def _allowed(self, user):
        answer = self._call("RateLimiter", "Allow", self._limits.Allow,
                            limits.AllowRequest(attributes={"user": user, "service": "shop"}))
        return answer is not None and answer.allowed

    def _read(self):
        """Whether the value could be had: from the cache, or by loading it."""
        # Few keys are read often and many seldom.
        key = {"namespace": "profiles", "key": f"profile:{int(KEYS * random.random() ** 3)}"}
        found = self._call("Cache", "Get", self._cache.Get, cache.GetRequest(**key))
        if found is None:
            return False
        self._samples.rate("cache_hits", found.status in (cache.HIT, cache.STALE))
        if not found.fill_token:
            return found.status != cache.MISS
        value = f"the profile of {key['key']} {'.' * 200}".encode()
        return self._call("Cache", "Set", self._cache.Set,
                          cache.SetRequest(value=value, fill_token=found.fill_token, **key)) is not None

    def _call_the_shop(self):
        """Whether the shop may be called, and had a slot for it."""
        permit = self._call("Breaker", "Acquire", self._breaker.Acquire, breaker.AcquireRequest(breaker="shop"))
        if permit is None or not permit.allowed:
            return False
        request = pool.AcquireRequest(pool="database")
        request.max_wait.FromSeconds(1)
        slot = self._call("Pool", "Acquire", self._pool.Acquire, request)
        acquired = slot is not None and slot.acquired
        if acquired:
            self._call("Pool", "Release", self._pool.Release,
                       pool.ReleaseRequest(lease_id=slot.lease_id, result=pool.SUCCESS))
        outcome = breaker.Outcome(breaker="shop", permit=permit.permit,
                                  result=breaker.SUCCESS if acquired else breaker.IGNORED)
        report = self._call("Breaker", "Report", self._breaker.Report, breaker.ReportRequest(outcomes=[outcome]))
        return report is not None and acquired
