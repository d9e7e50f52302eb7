"""deploy/systemd, read and judged by systemd's own tools."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import DEPLOY, folder  # noqa: E402

UNIT = DEPLOY / "systemd/outrigger.service"
MOST_EXPOSED = 15  # tenths of systemd-analyze's 0 (locked in) to 10


def analyze(*words):
    done = subprocess.run(["systemd-analyze", *map(str, words)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = folder()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.text = UNIT.read_text()

    def verify(self, text):
        """What is wrong with the unit, were the program installed."""
        unit = pathlib.Path(self.folder.name, "outrigger.service")
        unit.write_text(text.replace("/usr/bin/outrigger", PROGRAM))
        status, said = analyze("verify", "--man=no", "--recursive-errors=no", unit)
        return said if status or said else ""

    def test_it_is_right(self):
        self.assertEqual(self.verify(self.text), "")

    def test_a_mistake_would_be_found(self):
        self.assertIn("Restrat", self.verify(self.text.replace("Restart=", "Restrat=")))

    def test_it_is_locked_in(self):
        status, said = analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", UNIT)
        self.assertEqual(status, 0, said)
        print(said.strip().splitlines()[-1])

    def test_its_commands_are_the_programs(self):
        """Both commands, on the sample's configuration."""
        commands = re.findall(r"^Exec\w+=/usr/bin/outrigger (\w+)", self.text, re.M)
        self.assertEqual(commands, ["serve", "check"])
        self.assertEqual(subprocess.run([PROGRAM, "check", DEPLOY / "sample.yaml"]).returncode, 0)

    def test_the_socket_is_where_clients_look(self):
        self.assertIn("\nRuntimeDirectory=outrigger\n", self.text)

    def test_its_user_is_made(self):
        root = pathlib.Path(self.folder.name, "root")
        (root / "etc").mkdir(parents=True)
        subprocess.run(["systemd-sysusers", f"--root={root}", DEPLOY / "systemd/outrigger.sysusers"],
                       check=True, capture_output=True)
        self.assertIn("outrigger:", (root / "etc/passwd").read_text())
        self.assertIn("outrigger:", (root / "etc/group").read_text())


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop())
    unittest.main()
