"""A service that reads profiles through the cache: get, load, set, invalidate.

    python3 -m venv venv && venv/bin/pip install grpcio grpcio-tools
    venv/bin/python -m grpc_tools.protoc -I proto --python_out=. --grpc_python_out=. \
        proto/outrigger/cache/v1/cache.proto
    PYTHONPATH=. venv/bin/python deploy/sample/profiles.py

It dials OUTRIGGER_TARGET, or the sidecar of `make run`.
"""

import json
import os
import threading
import time

import grpc
from outrigger.cache.v1 import cache_pb2 as pb, cache_pb2_grpc as rpc

TARGET = os.environ.get("OUTRIGGER_TARGET", "127.0.0.1:7420")
DATABASE = {"42": {"name": "Ada", "org": "acme"}}


def load_from_database(user):
    """Slow, as databases are; None if there is no such user."""
    time.sleep(0.05)
    return DATABASE.get(user)


class Profiles:
    """Profiles by user, from the cache or, once in the fleet, the database."""

    def __init__(self, cache):
        self._cache = cache

    def get(self, user):
        """The profile, or None if there is none."""
        key = dict(namespace="profiles", key=f"user:{user}")
        found = self._cache.Get(pb.GetRequest(**key), timeout=1)
        if found.fill_token and found.refresh:  # usable, but to be loaded anew
            threading.Thread(target=self._load, daemon=True,
                             args=(user, key, found.fill_token)).start()
        elif found.fill_token:  # nobody has it: we load
            return self._load(user, key, found.fill_token)
        if found.status in (pb.HIT, pb.STALE):
            return json.loads(found.value)
        if found.status == pb.MISS:  # the other loader was too slow for us
            return load_from_database(user)
        return None  # ABSENT: it is known that there is none

    def _load(self, user, key, token):
        try:
            profile = load_from_database(user)
        except Exception:
            self._cache.Abandon(pb.AbandonRequest(fill_token=token, **key))
            raise
        if profile is None:
            self._cache.Set(pb.SetRequest(absent=True, fill_token=token, **key))
        else:
            self._cache.Set(pb.SetRequest(
                value=json.dumps(profile).encode(), fill_token=token,
                tags=["org:" + profile["org"]], **key))
        return profile

    def rename(self, user, name):
        """Changes the database first, then tells the cache."""
        DATABASE[user]["name"] = name
        self._cache.Invalidate(pb.InvalidateRequest(
            namespace="profiles", keys=[f"user:{user}"]))


def show(what, call):
    began = time.perf_counter()
    result = call()
    print(f"{what:22} {(time.perf_counter() - began) * 1e3:6.1f} ms  {result}")


def main():
    channel = grpc.insecure_channel(
        TARGET, options=[("grpc.default_authority", "localhost")])
    cache = rpc.CacheStub(channel)
    profiles = Profiles(cache)
    cache.Invalidate(pb.InvalidateRequest(namespace="profiles", glob="*"))
    show("first read, loads", lambda: profiles.get("42"))
    show("second read", lambda: profiles.get("42"))
    show("nobody, looked up", lambda: profiles.get("7"))
    show("nobody, remembered", lambda: profiles.get("7"))
    show("rename", lambda: profiles.rename("42", "Ada L."))
    show("read after, loads", lambda: profiles.get("42"))
    show("all of acme, at once", lambda: cache.Invalidate(
        pb.InvalidateRequest(namespace="profiles", tags=["org:acme"])))
    show("read after, loads", lambda: profiles.get("42"))


if __name__ == "__main__":
    main()
