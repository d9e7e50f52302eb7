#!/usr/bin/env python3
"""The driver's own tests: a check that cannot fail would be none."""

import os
import stat
import sys
import tempfile
import unittest

import yaml

from agent import Agent, AgentError
from expect import mismatch
from scenario import Scenario
from sidecar import HERE

# Answers each operation with its arguments, but `fail` with an error.
ECHO = """#!{python}
import json, sys
print(json.dumps({{"ready": True}}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "end":
        break
    answer = {{"error": {{"code": "FAILED"}}}} if request["op"] == "fail" else {{"ok": request["args"]}}
    print(json.dumps({{"id": request["id"], **answer}}), flush=True)
""".format(python=sys.executable)


class ExpectTest(unittest.TestCase):
    def wrong(self, expected, actual, saved=None):
        return mismatch(expected, actual, saved or {}) is not None

    def test_values(self):
        self.assertFalse(self.wrong({"a": 1}, {"a": 1, "b": 2}))
        self.assertTrue(self.wrong({"a": 1}, {"a": 2}))
        self.assertTrue(self.wrong({"a": 1}, {}))
        self.assertTrue(self.wrong({"a": True}, {"a": 1}), "true is no number")
        self.assertTrue(self.wrong({"a": False}, {}), "what is left out is not false")
        self.assertFalse(self.wrong({"a": None}, {}))
        self.assertTrue(self.wrong({"a": None}, {"a": ""}))
        self.assertFalse(self.wrong([{"a": 1}, 2], [{"a": 1}, 2]))
        self.assertTrue(self.wrong([1], [1, 2]))

    def test_tests(self):
        right = [({"above": 1}, 2), ({"below": 1}, 0), ({"between": [1, 2]}, 2),
                 ({"matches": "^a"}, "ab"), ({"one_of": [1, "x"]}, "x"), ({"size": 2}, [1, 2]),
                 ({"unset": True}, None), ({"same_as": "s"}, 7), ({"not": {"above": 1}}, 1)]
        wrong = [({"above": 1}, 1), ({"above": 1}, None), ({"below": 1}, 1),
                 ({"between": [1, 2]}, 3), ({"matches": "^a"}, "ba"), ({"matches": "a"}, None),
                 ({"one_of": [1, "x"]}, "y"), ({"size": 2}, [1]), ({"unset": True}, "x"),
                 ({"same_as": "s"}, 8), ({"not": {"above": 1}}, 2)]
        for test, value in right:
            self.assertFalse(self.wrong({"a": test}, {"a": value}, {"s": 7}), (test, value))
        for test, value in wrong:
            self.assertTrue(self.wrong({"a": test}, {"a": value}, {"s": 7}), (test, value))


class AgentTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.command = [os.path.join(folder.name, "agent")]
        with open(self.command[0], "w") as file:
            file.write(ECHO)
        os.chmod(self.command[0], stat.S_IRWXU)

    def start(self):
        agent = Agent(self.command, "unix:///nowhere", None)
        self.addCleanup(agent.close)
        return agent

    def test_answers_belong_to_their_requests(self):
        agent = self.start()
        begun = [agent.begin("echo", {"n": n}) for n in range(20)]
        for n, answer in reversed(list(enumerate(begun))):
            self.assertEqual(agent.finish(answer)["ok"], {"n": n})

    def test_an_agent_that_ends_is_an_error(self):
        agent = self.start()
        self.assertEqual(agent.finish(agent.begin("end", {}))["error"]["code"], "AGENT_ENDED")

    def test_an_agent_that_is_never_ready_is_an_error(self):
        with self.assertRaises(AgentError):
            Agent(["true"], "unix:///nowhere", None)


class ScenarioTest(AgentTest):
    def setUp(self):
        super().setUp()
        self.scenario = Scenario.__new__(Scenario)
        self.scenario._timeout_ms = 5000
        self.scenario._agents, self.scenario._begun, self.scenario._saved = {}, {}, {}
        self.scenario._agents["main"] = self.start()

    def run_steps(self, text):
        self.scenario._steps = yaml.safe_load(text)
        self.scenario.run()

    def test_what_is_expected_passes(self):
        self.run_steps("""
        - {do: echo, args: {a: 1}, expect: {a: 1}, save: {it: a}}
        - {do: echo, args: {a: {saved: it}}, expect: {a: {same_as: it}}}
        - {do: fail, error: FAILED}
        - {begin: echo, args: {a: 2}, as: x}
        - {end: x, expect: {a: 2}}
        """)

    def test_what_is_not_fails(self):
        for text in ("- {do: echo, args: {a: 1}, expect: {a: 2}}", "- {do: fail}",
                     "- {do: echo, error: FAILED}", "- {do: fail, error: OTHER}",
                     "- {begin: echo, args: {a: 1}, as: x}\n- {end: x, expect: {a: 2}}",
                     "- {end: nobody}", "- {nonsense: 1}", "- {do: echo, begin: echo}"):
            with self.assertRaises(Exception, msg=text):
                self.run_steps(text)

    def test_every_scenario_only_has_steps_that_exist(self):
        for path in sorted((HERE / "scenarios").glob("*.yaml")):
            for step in yaml.safe_load(path.read_text())["steps"]:
                kinds = [key for key in step if hasattr(Scenario, "_step_" + key)]
                self.assertEqual(len(kinds), 1, f"{path.name}: {step}")


if __name__ == "__main__":
    unittest.main()
