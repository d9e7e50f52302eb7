"""What becomes of the rights to load, against a sidecar that is told what to answer."""

from types import SimpleNamespace

import pytest

from outrigger import JSON, RequestError, Source
from outrigger._core import fills, load_many_flow
from outrigger._core.cache_requests import Keep, Requests
from outrigger._core.load_flow import Wanted, get_or_load
from outrigger._core.load_many_flow import WantedKeys, get_or_load_many
from outrigger._core.rpc import ABANDON, GET, GET_MANY, SET, SET_MANY
from outrigger._core.steps import Background, Call, Fallback, Load, Tell
from outrigger.cache.v1 import cache_pb2 as pb

TOO_LARGE = "RESOURCE_EXHAUSTED"
KEEP = Keep(ttl=60, stale_for=30, tags=("t",))


class Strings:
    """A codec that writes nothing else."""

    encode = staticmethod(str.encode)
    decode = staticmethod(bytes.decode)


class World:
    """The sidecar, and a loader of values. `refuse` says of a Set what is wrong;
    TOO_LARGE is as if there were no answer."""

    def __init__(self, values, found=None, waited=None, refuse=None):
        self.values = values
        self.found = found or {}  # else: a miss with the right to load
        self.waited = waited or {}  # after the wait; else there is no answer
        self.refuse = refuse or (lambda request: None)
        self.loads, self.sets, self.messages, self.abandoned, self.waits = [], [], [], [], []
        self.fallbacks = 0

    def run(self, flow):
        send, argument = flow.send, None
        while True:
            try:
                step = send(argument)
            except StopIteration as end:
                return end.value
            try:
                argument, send = self.perform(step), flow.send
            except BaseException as error:
                argument, send = error, flow.throw

    def perform(self, step):
        if isinstance(step, Load):
            self.loads.append(step.keys)
            if step.keys is None:
                return self.values
            return {key: self.values[key] for key in step.keys if key in self.values}
        if isinstance(step, Background):
            self.run(step.flow)
            return True
        if isinstance(step, Tell):
            assert step.method is ABANDON
            assert step.request.fill_token == step.request.key.encode()
            return self.abandoned.append(step.request.key)
        if isinstance(step, Fallback):
            self.fallbacks += 1
            return None
        assert isinstance(step, Call)
        return self.call(step.method, step.request)

    def call(self, method, request):
        if method is GET_MANY:
            return pb.GetManyResponse(responses=[self.look(one.key) for one in request.requests])
        if method is GET and not request.max_wait.ByteSize():
            return self.look(request.key)
        if method is GET:
            self.waits.append(request.key)
            return self.waited.get(request.key)
        assert method in (SET, SET_MANY)
        requests = [request] if method is SET else list(request.requests)
        self.messages.append([one.key for one in requests])
        for one in requests:
            code = self.refuse(one)
            if code == TOO_LARGE:
                return None
            if code:
                raise RequestError(code, one.key)
        self.sets += requests
        return pb.SetResponse(stored=True) if method is SET else pb.SetManyResponse()

    def look(self, key):
        return self.found.get(key, pb.GetResponse(status=pb.MISS, fill_token=key.encode()))

    def one(self, key="a", codec=JSON):
        return self.run(get_or_load(Wanted(Requests("n", codec), key, KEEP, 5)))

    def many(self, keys, codec=JSON, max_wait=5):
        return self.run(get_or_load_many(WantedKeys(Requests("n", codec), keys, KEEP, max_wait)))


def hit(value, **fields):
    return pb.GetResponse(status=pb.HIT, value=value, **fields)


ELSEWHERE = pb.GetResponse(status=pb.MISS)


def test_what_cannot_be_encoded_is_answered_all_the_same(caplog):
    world = World(5)
    found = world.one(codec=Strings)
    assert (found.value, found.loaded, found.source) == (5, True, Source.SIDECAR)
    assert world.sets == [] and world.abandoned == ["a"]
    assert "what was loaded of n is not stored" in caplog.text


def test_of_many_the_others_are_stored():
    world = World({"a": "A", "b": 5, "c": "C"})
    assert world.many(["a", "b", "c"], Strings) == world.values
    assert world.messages == [["a", "c"]] and world.abandoned == ["b"]


def test_a_value_that_is_refused_lets_others_load():
    world = World(5, refuse=lambda request: "INVALID_ARGUMENT")
    assert world.one().value == 5
    assert world.abandoned == ["a"]


def test_for_one_that_is_refused_the_others_are_stored_one_by_one():
    world = World(
        {"a": 1, "b": 2, "c": 3},
        refuse=lambda request: "INVALID_ARGUMENT" if request.key == "b" else None,
    )
    assert world.many(["a", "b", "c"]) == world.values
    assert world.messages == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    assert [one.key for one in world.sets] == ["a", "c"] and world.abandoned == ["b"]


def test_what_the_sidecar_does_not_take_lets_others_load():
    alone = World(5, refuse=lambda request: TOO_LARGE)
    assert alone.one().value == 5
    assert alone.messages == [["a"]] and alone.abandoned == ["a"]
    large = "x" * fills.MOST_BYTES
    values = {"a": 1, "large": large, "c": 3}
    world = World(values, refuse=lambda request: TOO_LARGE if request.key == "large" else None)
    assert world.many(list(values)) == values
    assert [one.key for one in world.sets] == ["a", "c"] and world.abandoned == ["large"]
    assert world.fallbacks == alone.fallbacks == 0


def test_without_such_a_namespace_nothing_is_tried_again():
    world = World({"a": 1, "b": 2}, refuse=lambda request: "NOT_FOUND")
    assert world.many(["a", "b"]) == world.values
    assert len(world.messages) == 1 and world.abandoned == ["a", "b"]


def test_what_is_stored_goes_in_messages_that_the_sidecar_takes():
    half = "x" * (fills.MOST_BYTES // 2)
    values = {"a": half, "b": "b", "c": half, "large": 3 * half, "d": "d"}
    world = World(values)
    assert world.many(list(values)) == values
    assert world.messages == [["a", "b"], ["c"], ["large"], ["d"]]
    assert world.abandoned == []


def test_a_loader_that_fails_lets_others_load():
    class Broken(World):
        def perform(self, step):
            if isinstance(step, Load):
                raise KeyError
            return super().perform(step)

    one, many = Broken({}), Broken({})
    with pytest.raises(KeyError):
        one.one()
    with pytest.raises(KeyError):
        many.many(["a", "b"])
    assert one.abandoned == ["a"] and many.abandoned == ["a", "b"]


def test_an_absence_is_kept_as_the_namespace_says():
    world, alone = World({"a": 1}), World(None)
    assert world.many(["a", "b"]) == {"a": 1, "b": None} and alone.one().value is None
    value, absence = world.sets
    assert value.ttl.seconds == 60 and value.stale_for.seconds == 30
    for one in (absence, *alone.sets):
        assert one.absent and not one.HasField("ttl") and not one.HasField("stale_for")
        assert one.tags == ["t"]
    given = Requests("n", JSON).set("a", None, KEEP)
    assert given.absent and given.ttl.seconds == 60 and given.stale_for.seconds == 30


def test_what_others_load_is_waited_for_until_the_first_that_is_not_answered():
    keys = ["mine", "there", "free", "unreadable", "gone", "x", "y"]
    world = World(
        {key: key.upper() for key in keys if key != "y"},
        found={key: ELSEWHERE for key in keys[1:]},
        waited={
            "there": hit(b'"there"'),
            "free": pb.GetResponse(status=pb.MISS, fill_token=b"free"),
            "unreadable": hit(b"{"),
        },
    )
    values = world.many(keys)
    assert list(values) == keys and values["there"] == "there" and values["y"] is None
    assert world.waits == ["there", "free", "unreadable", "gone"]
    assert world.loads == [["mine"], ["free"], ["unreadable", "gone", "x", "y"]]
    assert world.messages == [["mine"], ["free"]]
    assert world.fallbacks == 1 and world.abandoned == []


def test_after_the_wait_all_that_is_left_is_loaded_at_once():
    keys = [str(number) for number in range(1500)]  # two questions
    world = World({key: 1 for key in keys}, found={key: ELSEWHERE for key in keys})
    assert world.many(keys, max_wait=0) == world.values
    assert world.waits == [] and world.loads == [keys] and world.messages == []


def test_for_all_that_others_load_there_is_one_wait(monkeypatch):
    now, waits = [0.0], []

    class Slow(World):
        def call(self, method, request):
            if method is GET:  # its loader fails after three seconds
                waits.append(request.max_wait.seconds)
                now[0] += min(3, waits[-1])
                return ELSEWHERE
            return super().call(method, request)

    monkeypatch.setattr(load_many_flow, "time", SimpleNamespace(monotonic=lambda: now[0]))
    keys = ["a", "b", "c", "d"]
    world = Slow({key: 1 for key in keys}, found={key: ELSEWHERE for key in keys})
    assert world.many(keys) == world.values
    assert waits == [5, 2] and world.loads == [keys]


def test_what_is_had_from_others_is_refreshed_if_that_is_due():
    world = World({"a": 2}, found={"a": ELSEWHERE}, waited={"a": hit(b"1", fill_token=b"a")})
    assert world.many(["a"]) == {"a": 1}
    assert world.loads == [["a"]] and world.messages == [["a"]]
