"""The image's root: what is in it, and the sidecar running in it as the image would run it."""

import gzip
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import DEPLOY, Process, folder, wait_for  # noqa: E402

MOST_BYTES = 30_000_000  # compressed
USER = 65532


def assemble(into):
    subprocess.run([DEPLOY / "image/assemble-root.sh", PROGRAM, into], check=True)
    return pathlib.Path(into)


def packed(root):
    """The root as one file, as an engine packs a layer."""
    return subprocess.run(["tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "-C", root, "-cf", "-", "."],
                          check=True, capture_output=True).stdout


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = folder()
        cls.path = pathlib.Path(cls.folder.name)
        cls.root = assemble(cls.path / "root")
        (cls.path / "run").mkdir()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_only_what_the_program_needs_is_there(self):
        files = {str(path.relative_to(self.root)) for path in self.root.rglob("*")
                 if path.is_symlink() or not path.is_dir()}
        libraries = {name for name in files if re.fullmatch(r"(usr/)?lib(64|/[a-z0-9_]+-linux-gnu)/[^/]+\.so[.\d]*", name)}
        self.assertEqual(files - libraries, {
            "outrigger", "lib", "lib64", "etc/ssl/certs/ca-certificates.crt", "usr/lib/ssl/cert.pem",
            "etc/passwd", "etc/group", "etc/nsswitch.conf"})
        self.assertTrue(any("libstdc++" in name for name in libraries))

    def test_nobody_but_the_program_can_be_run(self):
        runnable = [path.name for path in self.root.rglob("*")
                    if path.is_file() and os.access(path, os.X_OK) and ".so" not in path.name]
        self.assertEqual(runnable, ["outrigger"])

    def test_the_same_again_to_the_byte(self):
        first, again = (hashlib.sha256(packed(root)).hexdigest() for root in (self.root, assemble(self.path / "again")))
        self.assertEqual(first, again)

    def test_it_is_small(self):
        size = len(gzip.compress(packed(self.root), 6))
        print(f"the root has {size / 1e6:.1f} MB compressed")
        self.assertLess(size, MOST_BYTES)

    def sandbox(self, root, *more):
        """A container's: the root read-only, another user, no capabilities, no network but its own."""
        return ["bwrap", "--unshare-all", "--die-with-parent", "--uid", USER, "--gid", USER, "--clearenv",
                "--cap-drop", "ALL", "--ro-bind", root, "/", "--proc", "/proc", "--dev", "/dev",
                "--bind", self.path / "run", "/run/outrigger", *more, "/outrigger"]

    def test_it_serves_there(self):
        root = assemble(self.path / "mounted")
        (root / "etc/outrigger/outrigger.yaml").touch()  # for the mount: it cannot be made in a read-only root
        config = ["--ro-bind", DEPLOY / "sample.yaml", "/etc/outrigger/outrigger.yaml"]

        def run(*words):
            command = [str(word) for word in (*self.sandbox(root, *config), *words)]
            return subprocess.run(command, capture_output=True, text=True)

        with Process([*self.sandbox(root, *config), "serve", "--config", "/etc/outrigger/outrigger.yaml"]) as serving:
            # As HEALTHCHECK does, and as users do, each in a sandbox of its own.
            wait_for(lambda: serving.check_runs() or run("probe", "--ready").returncode == 0, "the probe")
            self.assertIn("allowed by per_user", run("allow", "user=42").stdout)
        self.assertNotEqual(run("probe").returncode, 0, "the probe must fail if nothing serves")

    def test_there_is_no_shell(self):
        words = [str(word) for word in self.sandbox(self.root)[:-1]]
        for shell in ("/bin/sh", "sh", "bash", "/usr/bin/env"):
            done = subprocess.run([*words, shell, "-c", "true"], capture_output=True, text=True)
            self.assertIn("No such file", done.stderr, shell)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop()
    unittest.main()
