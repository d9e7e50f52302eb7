"""deploy/compose as its own tools read it, and its processes beside each other.

There is no engine here. The file is read by the loader of docker compose; then
every service but Grafana is started in one sandbox with its command, environment
and files at their places, and its name in /etc/hosts (inside.py).
"""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import DEPLOY, SOURCE, folder  # noqa: E402

COMPOSE = DEPLOY / "compose"
TOOLS = SOURCE / "build/tools/bin"
# Who runs an image's command here: what the image has as its entry point.
ENTRY = {"outrigger": ["/opt/outrigger"], "collector": ["/opt/collector"], "prometheus": ["prometheus"],
         "redis": [], "shop": [], "profiles": []}
NOT_HAD = {"grafana"}
PROTOS = ("cache/v1/cache", "breaker/v1/breaker", "pool/v1/pool")


def load():
    """The file, checked and with nothing left out."""
    done = subprocess.run([TOOLS / "compose", "-format", "json", "compose.yaml"], cwd=COMPOSE, check=True, capture_output=True)
    return json.loads(done.stdout)


def mounts(model):
    """(source, target) of all files that services have from here."""
    return [(volume["source"], volume["target"]) for service in model["services"].values()
            for volume in service.get("volumes", []) if volume["type"] == "bind"]


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = load()

    def test_every_file_is_there(self):
        for source, target in mounts(self.model):
            self.assertTrue(os.path.exists(source), f"{source}, for {target}")
        for name, service in self.model["services"].items():
            if "build" in service:
                file = pathlib.Path(service["build"]["context"], service["build"]["dockerfile"])
                self.assertTrue(file.is_file(), f"{file}, for {name}")

    def test_every_service_is_tried_or_known_not_to_be(self):
        self.assertEqual(set(self.model["services"]), set(ENTRY) | NOT_HAD)

    def test_the_sidecar_is_as_locked_in_as_a_pods(self):
        outrigger = self.model["services"]["outrigger"]
        self.assertTrue(outrigger["read_only"])
        self.assertEqual(outrigger["cap_drop"], ["ALL"])
        for name in ("shop", "profiles"):
            self.assertEqual(self.model["services"][name]["network_mode"], "service:outrigger")

    def test_nothing_is_open_to_other_machines(self):
        for name, service in self.model["services"].items():
            for port in service.get("ports", []):
                self.assertEqual(port["host_ip"], "127.0.0.1", name)

    def test_grafana_finds_the_dashboard_and_prometheus(self):
        import yaml
        targets = {target: source for source, target in mounts(self.model)}
        provider, = yaml.safe_load((COMPOSE / "grafana/dashboards.yaml").read_text())["providers"]
        dashboards = [source for target, source in targets.items()
                      if target.startswith(provider["options"]["path"] + "/")]
        self.assertEqual([pathlib.Path(one) for one in dashboards], [DEPLOY / "grafana/outrigger.json"])
        source, = yaml.safe_load((COMPOSE / "grafana/datasources.yaml").read_text())["datasources"]
        self.assertEqual((source["type"], source["url"], source["isDefault"]),
                         ("prometheus", "http://prometheus:9090", True))

    def test_the_services_work_together(self):
        with folder() as home:
            home = pathlib.Path(home)
            (home / "hosts").write_text("127.0.0.1 localhost " + " ".join(self.model["services"]) + "\n")
            (home / "app/sample").mkdir(parents=True)
            subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{SOURCE}/proto", f"--python_out={home}/app",
                            f"--grpc_python_out={home}/app", *(f"outrigger/{file}.proto" for file in PROTOS)], check=True)
            services = {name: {"command": ENTRY[name] + service["command"], "environment": service.get("environment") or {}}
                        for name, service in self.model["services"].items() if name in ENTRY}
            (home / "services.json").write_text(json.dumps(services))
            done = subprocess.run([str(word) for word in self.sandbox(home)], timeout=240)
        self.assertEqual(done.returncode, 0)

    def sandbox(self, home):
        """A machine for all of them: their files, their names, and no other network."""
        read_only = [("/usr", "/usr"), ("/etc/ssl", "/etc/ssl"), (home / "hosts", "/etc/hosts"),
                     (sys.base_prefix, sys.base_prefix), (sys.prefix, sys.prefix), (PROGRAM, "/opt/outrigger"),
                     (TOOLS / "collector", "/opt/collector"), (home / "app", "/app"), (home / "services.json", "/services.json"),
                     (DEPLOY / "sample", "/app/sample"), (SOURCE / "tests/deploy", "/source/tests/deploy"), *mounts(self.model)]
        words = ["bwrap", "--unshare-all", "--die-with-parent", "--clearenv", "--proc", "/proc", "--dev", "/dev",
                 "--tmpfs", "/tmp", "--tmpfs", "/run/outrigger", "--tmpfs", "/prometheus", "--symlink", "usr/lib", "/lib",
                 "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin",
                 "--setenv", "PATH", f"{sys.prefix}/bin:/usr/bin", "--setenv", "PYTHONDONTWRITEBYTECODE", "1"]
        for source, target in read_only:
            words += ["--ro-bind", source, target]
        return [*words, "python", "/source/tests/deploy/compose/inside.py"]


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop())
    unittest.main()
