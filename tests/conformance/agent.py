"""A language's agent: the process that does operations with its stub."""

import json
import os
import queue
import subprocess
import threading

from sidecar import PATIENCE_S


class AgentError(Exception):
    """The agent ended, or said what it must not."""


class Agent:
    """Started at once; ended by `close`. Its log goes to `log`, a file."""

    def __init__(self, command, target, log):
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            env={**os.environ, "OUTRIGGER_TARGET": target})
        self._answers = {}
        self._lock = threading.Lock()
        self._last_id = 0
        self._ready = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        if not self._ready.get(timeout=2 * PATIENCE_S):
            raise AgentError("the agent ended before it was ready")

    @property
    def pid(self):
        return self._process.pid

    def _read(self):
        for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                message = {"error": {"code": "NOT_JSON", "message": line}}
            if message.get("ready"):
                self._ready.put(True)
                continue
            with self._lock:
                answer = self._answers.pop(message.get("id"), None)
            if answer is not None:
                answer.put(message)
        self._ready.put(False)
        with self._lock:
            waiting, self._answers = self._answers, {}
        for answer in waiting.values():
            answer.put({"error": {"code": "AGENT_ENDED", "message": "the agent ended"}})

    def begin(self, operation, arguments):
        """Sends a request; what `finish` takes."""
        answer = queue.Queue()
        with self._lock:
            self._last_id += 1
            name = self._last_id
            self._answers[name] = answer
        try:
            self._process.stdin.write(
                json.dumps({"id": name, "op": operation, "args": arguments}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise AgentError("the agent has ended") from error
        return answer

    def finish(self, answer):
        """The answer to a request: {"ok": …} or {"error": …}."""
        try:
            return answer.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise AgentError(f"no answer within {PATIENCE_S} s") from None

    def kill(self):
        self._process.kill()
        self._process.wait()

    def close(self):
        """Ends it as its driver's end does, by the end of its input."""
        if self._process.poll() is not None:
            return
        self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AgentError("the agent does not end at the end of its input") from None
