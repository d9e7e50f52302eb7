"""promtool's own tests of the rules, and whether they leave no alert out."""

import pathlib
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

import metrics

RULES = sorted((metrics.SOURCE / "deploy/prometheus").glob("*.yaml"))
CASES = sorted(pathlib.Path(__file__).with_name("rules").glob("*.yaml"))


def promtool(*arguments):
    """What promtool says; raises AssertionError with it if it found a fault."""
    ran = subprocess.run(["promtool", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode != 0:
        raise AssertionError(ran.stdout)
    return ran.stdout


class RulesTest(unittest.TestCase):
    def test_rules_are_well_formed(self):
        promtool("check", "rules", *RULES)

    def test_rules_do_what_the_cases_say(self):
        for case in CASES:
            with self.subTest(case.name):
                promtool("test", "rules", case)

    def test_every_alert_is_seen_both_firing_and_silent(self):
        alerts = [name for file in RULES for name in re.findall(r"- alert: (\w+)", file.read_text())]
        self.assertGreater(len(alerts), 15)
        self.assertEqual(len(alerts), len(set(alerts)))
        firing, silent = set(), set()
        for case in CASES:
            text = case.read_text()
            silent.update(re.findall(r"alertname: (\w+), eval_time: \w+, exp_alerts: \[\]", text))
            firing.update(re.findall(r"alertname: (\w+)\n *eval_time: \w+\n *exp_alerts:(?: &\w+)?\n *- exp_labels", text))
        self.assertEqual(set(alerts) - firing, set())
        self.assertEqual(set(alerts) - silent, set())


if __name__ == "__main__":
    unittest.main(verbosity=2)
