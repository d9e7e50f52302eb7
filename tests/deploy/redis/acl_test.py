"""deploy/redis: its users and its settings, with a real Redis and a real sidecar."""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import (DEPLOY, SOURCE, Redis, Sidecar, copy_redis_settings, folder,  # noqa: E402
                     wait_for)

PASSWORD = "change-me"

CONFIG = """
store:
  redis: {url: "redis://127.0.0.1:%d/0", username: outrigger, password_file: %s, timeout: 2s}
limits:
- {name: leased, key: [user], rate: 100/1m}
- {name: exact, key: [exact], rate: 100/1m, coordination: exact}
- {name: sliding, key: [sliding], rate: 100/1m, algorithm: sliding_window, coordination: exact}
- {name: fixed, key: [fixed], rate: 100/1m, algorithm: fixed_window, coordination: exact}
- {name: adaptive, key: [adaptive], algorithm: adaptive,
   adaptive: {initial: 100/1s, floor: 10/1s, ceiling: 200/1s}}
cache: {namespaces: [{name: profiles, write_behind: true}]}
breakers: [{name: shop, consecutive_failures: 3}]
pools:
- {name: plenty, max_connections: 50, endpoints: [{address: "127.0.0.1:1"}]}
- {name: scarce, max_connections: 1, endpoints: [{address: "127.0.0.1:1"}]}
"""


def documented():
    """The rights that the stores' own headers ask for."""
    rights = set()
    for header in ("limit_store.h", "cache/cache_store.h", "breaker/breaker_store.h",
                   "pool/pool_store.h"):
        text = (SOURCE / "src" / "redis" / header).read_text()
        block = re.search(r"ACL SETUSER.*?\n//\n", text, re.S).group()
        rights |= set(re.findall(r"\+[a-z|]+", block))
    return rights


def granted(user):
    """The rights of a user in the file."""
    for line in (DEPLOY / "redis" / "users.acl").read_text().splitlines():
        if line.startswith(f"user {user} "):
            return set(re.findall(r"\s([+&~-][^\s]+)", line))
    raise KeyError(user)


class RedisTest(unittest.TestCase):

    def setUp(self):
        made = folder()
        self.addCleanup(made.cleanup)
        self.folder = made.name
        copy_redis_settings(self.folder)
        self.password = pathlib.Path(self.folder, "password")
        self.password.write_text(PASSWORD + "\n")

    def replica(self, redis):
        home = pathlib.Path(self.folder, "replica")
        home.mkdir()
        copy_redis_settings(home)
        return Redis(home, "redis.conf", "--replicaof", "127.0.0.1", redis.port,
                     user="admin", password=PASSWORD)

    def redis(self):
        server = Redis(self.folder, "redis.conf", user="admin", password=PASSWORD)
        self.enterContext(server)
        return server

    def sidecar(self, redis, name):
        home = pathlib.Path(self.folder, name)
        home.mkdir()
        started = Sidecar(sys.argv[1], home, CONFIG % (redis.port, self.password))
        self.enterContext(started)
        return started

    def test_grants_what_the_stores_say_they_need(self):
        ours = granted("outrigger")
        self.assertEqual({right for right in ours if right[0] == "+"}, documented())
        self.assertEqual({right for right in ours if right[0] != "+"},
                         {"-@all", "~outrigger:1:*", "&__redis__:invalidate"})

    def test_is_enough_for_all_four_parts(self):
        redis = self.redis()
        one, two = self.sidecar(redis, "one"), self.sidecar(redis, "two")
        self.use_limits(one)
        self.use_cache(one, two)
        self.use_breakers(one, two)
        self.use_pools(one, two)
        self.assertEqual(redis.ask("ACL", "LOG").strip(), "")
        # As redis.conf says, where it counts them.
        connections = [line for line in redis.ask("CLIENT", "LIST").splitlines()
                       if "user=outrigger" in line]
        self.assertEqual(len(connections), 2 * 7, connections)

    def use_limits(self, sidecar):
        for limit in ("user", "exact", "sliding", "fixed", "adaptive"):
            answers = [sidecar.ask("allow", f"{limit}=7") for _ in range(3)]
            self.assertTrue(all(answer["allowed"] for answer in answers), answers)
            self.assertFalse(any(answer["degraded"] for answer in answers), answers)
        sidecar.ask("refund", "user=7", "--cost", 2)
        sidecar.ask("report", "adaptive=7", "--result", "failure")

    def use_cache(self, one, two):
        one.ask("cache", "set", "profiles", "a", "{}", "--tag", "t", "--write-behind")
        wait_for(lambda: two.run("cache", "get", "profiles", "a").returncode == 0, "the value")
        one.ask("cache", "invalidate", "profiles", "--tag", "t")
        wait_for(lambda: two.run("cache", "get", "profiles", "a").returncode == 1, "its end")
        one.ask("cache", "set", "profiles", "b", "x" * 5000)
        one.ask("cache", "invalidate", "profiles", "--glob", "b*", "--soft")
        one.ask("cache", "get", "profiles", "c", "--fill")
        one.ask("cache", "delete", "profiles", "b")
        one.ask("cache", "warm", "profiles", "a", "b")

    def use_breakers(self, one, two):
        one.ask("breaker", "force", "shop", "forced_open")
        denied = lambda sidecar: not sidecar.ask("breaker", "acquire", "shop")["allowed"]
        wait_for(lambda: denied(two), "the breaker, forced open")
        one.ask("breaker", "reset", "shop")
        wait_for(lambda: not denied(two), "the breaker, closed")
        one.ask("breaker", "report", "shop", "failure", "--count", 3)
        two.ask("breaker", "report", "shop", "failure", "--count", 3)
        wait_for(lambda: denied(two), "the breaker, open")

    def use_pools(self, one, two):
        for pool in ("plenty", "scarce"):
            first = one.ask("pool", "acquire", pool, "--max-wait", "20s")
            self.assertTrue(first["acquired"], first)
            one.ask("pool", "release", first["lease_id"])
            second = two.ask("pool", "acquire", pool, "--max-wait", "20s")
            self.assertTrue(second["acquired"], second)
            self.assertFalse(second["degraded"], second)

    def test_allows_nothing_else(self):
        redis = self.redis()
        redis.login[1] = "outrigger"
        for words in (["FLUSHALL"], ["CONFIG", "GET", "*"], ["KEYS", "*"], ["GET", "another:1:x"],
                      ["PUBLISH", "x", "y"], ["EVAL", "return redis.call('GET', 'another')", "0"],
                      ["CLIENT", "LIST"], ["ACL", "LIST"], ["SHUTDOWN"]):
            self.assertRegex(redis.ask(*words), "NOPERM|No permissions|ACL failure|can't access",
                             words)
        redis.login = []
        self.assertIn("NOAUTH", redis.ask("GET", "outrigger:1:x"))

    def test_a_full_one_refuses_and_is_seen_to(self):
        redis = self.redis()
        sidecar = self.sidecar(redis, "one")
        wait_for(lambda: not sidecar.ask("allow", "exact=1")["degraded"], "Redis")
        redis.ask("CONFIG", "SET", "maxmemory", "1")
        self.assertTrue(sidecar.ask("allow", "exact=2")["degraded"])
        redis.ask("CONFIG", "SET", "maxmemory", "1gb")
        wait_for(lambda: not sidecar.ask("allow", "exact=3")["degraded"], "room")

    def test_its_replica_copies_as_a_user_of_its_own(self):
        redis = self.redis()
        with self.replica(redis) as replica:
            redis.ask("SET", "outrigger:1:x", "1")
            wait_for(lambda: replica.ask("GET", "outrigger:1:x").strip() == "1", "the copy")

    def test_its_sentinels_fail_over_as_a_user_of_their_own(self):
        redis = self.redis()
        with self.replica(redis) as replica:
            wait_for(lambda: "master_link_status:up" in replica.ask("INFO", "replication"), "it")
            conf = pathlib.Path(self.folder, "sentinel.conf")
            conf.write_text((DEPLOY / "redis" / "sentinel.conf").read_text().replace(
                "redis-0.redis 6379 2", f"127.0.0.1 {redis.port} 1"))
            with Redis(self.folder, conf, "--sentinel") as sentinel:
                wait_for(lambda: "slaves=1" in sentinel.ask("INFO", "sentinel"), "the sentinel")
                wait_for(lambda: "OK" in sentinel.ask("SENTINEL", "FAILOVER", "outrigger"), "it")
                wait_for(lambda: "role:master" in replica.ask("INFO", "replication"), "the switch")
            self.assertEqual(redis.ask("ACL", "LOG").strip(), "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
