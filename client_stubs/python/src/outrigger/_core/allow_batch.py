"""Which questions are under way on a stream, and which wait to be written.

Nobody waits for more questions to come: whoever writes takes all that has
gathered. A message that the sidecar cannot answer, because one of its questions
is wrong, took nothing: it is asked again as two halves, and so on, until the
mistake can be told to the one who made it.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, Protocol, TypeVar

from outrigger._core.rpc import caller_error
from outrigger.errors import OutriggerError
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb

MOST_QUESTIONS = 1000
#: Of a message. A question that is larger goes as a call of its own.
MOST_BYTES = 256 << 10


class Question(Protocol):
    """Somebody's question."""

    @property
    def request(self) -> pb.AllowRequest: ...

    @property
    def live(self) -> bool:
        """Until it is settled or its asker has gone."""

    def settle(self, answer: pb.AllowResponse | None, error: OutriggerError | None = None) -> None:
        """With neither, the sidecar did not answer. Only the first call counts."""


Q = TypeVar("Q", bound=Question)


class AllowBatch(Generic[Q]):
    """Not thread-safe: its owner locks, or has one thread. `add`, `receive` and
    `idle` alone may be called at any time, of one thread each but for `add`."""

    def __init__(self) -> None:
        self._waiting: deque[Q] = deque()
        self._halves: deque[list[Q]] = deque()  # each to be a message of its own
        self._asked: dict[int, list[Q]] = {}
        self._last_id = 0

    def add(self, question: Q) -> None:
        self._waiting.append(question)

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is under way, as far as it can be seen."""
        return not self._waiting and not self._asked

    def take(self) -> pb.AllowStreamRequest | None:
        """The next message to write; None: there is nothing to ask."""
        questions: list[Q] = []
        while self._halves and not questions:
            questions = [question for question in self._halves.popleft() if question.live]
        waiting = self._waiting
        if not questions:
            size = 0
            while waiting and len(questions) < MOST_QUESTIONS:
                size += waiting[0].request.ByteSize()
                if questions and size > MOST_BYTES:
                    break
                question = waiting.popleft()
                if question.live:
                    questions.append(question)
        if not questions:
            return None
        self._last_id += 1
        self._asked[self._last_id] = questions
        return pb.AllowStreamRequest(
            id=self._last_id, requests=[question.request for question in questions]
        )

    def receive(self, message: pb.AllowStreamResponse) -> bool:
        """Settles the questions of an answer. True: there is more to write."""
        questions = self._asked.pop(message.id, [])
        if message.HasField("error"):
            return self._refused(questions, message.error)
        for question, answer in zip(questions, message.responses):
            question.settle(answer)
        for question in questions[len(message.responses) :]:
            question.settle(None)
        return False

    def _refused(self, questions: list[Q], error: pb.StreamError) -> bool:
        mistake = caller_error(error.code, error.message)
        if mistake is not None and len(questions) > 1:
            middle = len(questions) // 2
            self._halves.extend((questions[:middle], questions[middle:]))
            return True
        for question in questions:
            question.settle(None, mistake)
        return False

    def forget_gone(self) -> None:
        """Lets go of the oldest whose askers have gone, when nothing is written."""
        while self._waiting and not self._waiting[0].live:
            self._waiting.popleft()

    def broken(self) -> None:
        """The stream has ended: what was asked is not asked again."""
        asked, self._asked = self._asked, {}
        for questions in asked.values():
            for question in questions:
                question.settle(None)

    def drop(self) -> None:
        """Settles everything: there will be no other stream."""
        self.broken()
        while self._halves:
            for question in self._halves.popleft():
                question.settle(None)
        while self._waiting:
            self._waiting.popleft().settle(None)

    @property
    def pending(self) -> int:
        """Questions that are kept."""
        return len(self._waiting) + sum(
            len(questions) for questions in [*self._halves, *list(self._asked.values())]
        )
