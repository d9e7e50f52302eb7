"""Runs one scenario: its sidecar, its agents, its steps."""

import os
import pathlib
import re
import time

from agent import Agent
from expect import mismatch
from sidecar import PATIENCE_S, Sidecar


class Failure(Exception):
    """A step did not go as the scenario says."""


# The libraries' deadline in scenarios that do not say another: that of users is
# 50 ms, and a busy machine may take longer.
TIMEOUT_MS = 5000

# What a step may have besides what it does.
_MODIFIERS = {"args", "expect", "error", "until", "times", "save", "as", "with", "output", "why"}


class Scenario:
    def __init__(self, text, program, agent_command, log):
        self._steps = text["steps"]
        self._sidecar = Sidecar(program, text.get("config"))
        self._agent_command, self._log = agent_command, log
        self._timeout_ms = text.get("timeout_ms", TIMEOUT_MS)
        self._agents, self._begun, self._saved, self._noted = {}, {}, {}, {}

    def close(self):
        try:
            for agent in self._agents.values():
                agent.close()
        finally:
            self._sidecar.close()

    def run(self):
        for number, step in enumerate(self._steps, 1):
            try:
                for _ in range(step.get("times", 1)):
                    self._run_step(step)
            except Exception as error:
                raise Failure(f"step {number}, {_describe(step)}: {error}") from error

    def _run_step(self, step):
        kinds = [key for key in step if key not in _MODIFIERS]
        if len(kinds) != 1 or not hasattr(self, "_step_" + kinds[0]):
            raise ValueError(f"a step does one thing; this one: {kinds}")
        getattr(self, "_step_" + kinds[0])(step[kinds[0]], step)

    def _agent(self, step):
        name = step.get("with", "main")
        if name not in self._agents:
            agent = Agent(self._agent_command, self._sidecar.target, self._log)
            self._agents[name] = agent
            agent.finish(agent.begin("configure", {"timeout_ms": self._timeout_ms}))
        return self._agents[name]

    def _step_do(self, operation, step):
        give_up = time.monotonic() + PATIENCE_S
        while True:
            agent = self._agent(step)
            answer = agent.finish(agent.begin(operation, self._arguments(step)))
            wrong = self._wrong(answer, step)
            if wrong is None:
                return
            if not step.get("until") or time.monotonic() > give_up:
                raise Failure(wrong)
            time.sleep(0.005)  # a poll within a wait that has a deadline

    def _step_begin(self, operation, step):
        agent = self._agent(step)
        self._begun[step["as"]] = agent, agent.begin(operation, self._arguments(step))

    def _step_end(self, name, step):
        agent, answer = self._begun.pop(name)
        wrong = self._wrong(agent.finish(answer), step)
        if wrong is not None:
            raise Failure(wrong)

    def _arguments(self, step):
        def filled(value):
            if isinstance(value, dict):
                if set(value) == {"saved"}:
                    return self._saved[value["saved"]]
                return {key: filled(item) for key, item in value.items()}
            return [filled(item) for item in value] if isinstance(value, list) else value
        arguments = filled(step.get("args", {}))
        if step.get("do") == "configure":
            arguments.setdefault("timeout_ms", self._timeout_ms)
        return arguments

    def _wrong(self, answer, step):
        if "error" in step:
            code = answer.get("error", {}).get("code")
            return None if code == step["error"] else f"no error {step['error']}: {answer}"
        if "ok" not in answer:
            return f"an error: {answer.get('error')}"
        for name, key in step.get("save", {}).items():
            self._saved[name] = answer["ok"].get(key)
        wrong = mismatch(step.get("expect", {}), answer["ok"], self._saved)
        return None if wrong is None else f"{wrong}; all of it: {answer['ok']}"

    def _step_fault(self, kind, _):
        sidecar = self._sidecar
        {"stop": sidecar.stop, "continue": sidecar.resume, "kill": sidecar.kill,
         "terminate": sidecar.terminate, "start": sidecar.start}[kind]()

    def _step_command(self, words, step):
        give_up = time.monotonic() + PATIENCE_S
        while True:
            done = self._sidecar.command(words)
            said = done.stdout + done.stderr
            if re.search(step.get("output", ""), said):
                return
            if not step.get("until") or time.monotonic() > give_up:
                raise Failure(f"it says {said!r}")
            time.sleep(0.02)  # a poll within a wait that has a deadline

    def _step_agent(self, what, step):
        if what == "kill":
            self._agents.pop(step.get("with", "main")).kill()
        elif what == "start":
            self._agent(step)
        else:
            raise ValueError(f"agent: {what}")

    def _step_memory(self, what, step):
        pid = self._agent(step).pid
        now = {"mib": _resident_mib(pid), "descriptors": _descriptors(pid)}
        if what == "note":
            self._noted = now
            return
        for key, bound in (("mib", what.get("grown_below_mib")),
                           ("descriptors", what.get("descriptors_grown_below"))):
            grown = now[key] - self._noted[key]
            if bound is not None and grown >= bound:
                raise Failure(f"{key} grew by {grown:.1f}, from {self._noted[key]:.1f}")


def _describe(step):
    return " ".join(f"{key}: {value}" for key, value in step.items() if key != "expect")


def _family(pid):
    """The process and all below it: an agent may be a script that starts another."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += _family(int(child))
    return found


def _resident_mib(pid):
    pages = sum(int(pathlib.Path(f"/proc/{each}/statm").read_text().split()[1])
                for each in _family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _descriptors(pid):
    return sum(len(os.listdir(f"/proc/{each}/fd")) for each in _family(pid))
