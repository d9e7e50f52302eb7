"""The chart's examples of Redis: each configuration with such a Redis as it describes.

Addresses and folders are ours, and the name in the certificate; nothing else of the
examples is changed. All users are those of deploy/redis.
"""

import pathlib
import subprocess
import sys
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import (DEPLOY, Redis, Sidecar, copy_redis_settings, folder,  # noqa: E402
                     free_port, wait_for)

EXAMPLES = DEPLOY / "helm" / "outrigger" / "examples"
PASSWORD = "change-me"
INSIDE = "/run/secrets/outrigger"


def certificates(place, name):
    """ca.crt, tls.crt and tls.key in the folder, for this name."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    for words in (
            ["req", "-x509", *curve, "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.crt"],
            ["req", "-x509", *curve, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
             "-CA", "ca.crt", "-CAkey", "ca.key", "-keyout", "tls.key", "-out", "tls.crt"]):
        subprocess.run(["openssl", *words], cwd=place, check=True, capture_output=True)


class ExamplesTest(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(folder()))
        self.secret = self.folder / "secret"
        self.secret.mkdir()
        (self.secret / "password").write_text(PASSWORD + "\n")

    def server(self, name, *arguments, **options):
        home = self.folder / name
        home.mkdir(exist_ok=True)
        copy_redis_settings(home)
        return self.enterContext(Redis(home, "redis.conf", *arguments, user="admin",
                                       password=PASSWORD, **options))

    def example(self, name):
        """store.redis of the example, with files where they are here."""
        text = (EXAMPLES / f"{name}.yaml").read_text().replace(INSIDE, str(self.secret))
        return yaml.safe_load(text)["config"]["store"]["redis"]

    def works(self, redis):
        """A sidecar with this store.redis agrees with another through it."""
        limit = {"name": "exact", "key": ["user"], "rate": "100/1m", "burst": 10,
                 "coordination": "exact"}
        config = yaml.safe_dump({"store": {"redis": {**redis, "timeout": "2s"}}, "limits": [limit]})
        for name in ("one", "two"):
            (self.folder / name).mkdir()
        with (Sidecar(sys.argv[1], self.folder / "one", config) as one,
              Sidecar(sys.argv[1], self.folder / "two", config) as two):
            # Until they have connected they answer alone, and say so.
            for sidecar in (one, two):
                wait_for(lambda: not sidecar.ask("allow", "user=0", "--cost", 0)["degraded"], "Redis")
            wait_for(lambda: one.ask("allow", "user=42", "--cost", 8)["allowed"], "the first")
            denied = two.ask("allow", "user=42", "--cost", 8)
            self.assertEqual((denied["allowed"], denied["degraded"]), (False, False))

    def test_password(self):
        redis = self.example("password")
        redis["url"] = f"redis://127.0.0.1:{self.server('a').port}/0"
        self.works(redis)

    def test_tls(self):
        redis = self.example("tls")
        certificates(self.secret, redis["tls"]["server_name"])
        port = free_port()
        # The folder that `server` makes, with what it should find there.
        (self.folder / "a").mkdir()
        (self.folder / "a" / "tls").symlink_to(self.secret)
        self.server("a", "--include", "tls.conf", "--tls-port", port, "--tls-auth-clients", "yes")
        redis["url"] = f"rediss://127.0.0.1:{port}/0"
        self.works(redis)

    def test_sentinel(self):
        redis = self.example("sentinel")
        master = self.server("a")
        conf = self.folder / "sentinel.conf"
        conf.write_text((DEPLOY / "redis" / "sentinel.conf").read_text().replace(
            "redis-0.redis 6379 2", f"127.0.0.1 {master.port} 1"))
        sentinel = self.enterContext(Redis(self.folder, conf, "--sentinel"))
        self.assertIn(redis["sentinel"]["master"], sentinel.ask("INFO", "sentinel"))
        redis["sentinel"]["addresses"] = [f"127.0.0.1:{sentinel.port}"]
        self.works(redis)

    def test_cluster(self):
        redis = self.example("cluster")
        # Of its own: the usual one, 10,000 above, may be that of somebody's connection.
        bus_ports = [free_port() for _ in "abc"]
        nodes = [self.server(name, "--cluster-enabled", "yes", "--cluster-port", bus_port)
                 for name, bus_port in zip("abc", bus_ports)]
        first = nodes[0]
        addresses = [f"127.0.0.1:{node.port}" for node in nodes]
        members = [f"{address}@{bus_port}" for address, bus_port in zip(addresses, bus_ports)]
        subprocess.run(["redis-cli", *first.login, "--cluster", "create", *members,
                        "--cluster-yes"], check=True, capture_output=True)
        for node in nodes:
            wait_for(lambda: "cluster_state:ok" in node.ask("CLUSTER", "INFO"), "the cluster")
        redis["cluster"] = addresses[:1]
        self.works(redis)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
