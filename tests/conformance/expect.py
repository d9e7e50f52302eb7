"""Compares an answer with what a scenario expects of it."""

import re


def mismatch(expected, actual, saved, path="answer"):
    """What is wrong, for people; None if nothing is. Keys that are not expected are not looked at."""
    if isinstance(expected, dict):
        if len(expected) == 1:
            (name, argument), = expected.items()
            if name in _TESTS:
                wrong = _TESTS[name](argument, actual, saved)
                return f"{path} is {actual!r}, not {wrong}" if wrong else None
        if not isinstance(actual, dict):
            return f"{path} is {actual!r}, no object"
        for key, value in expected.items():
            wrong = mismatch(value, actual.get(key), saved, f"{path}.{key}")
            if wrong:
                return wrong
        return None
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return f"{path} is {actual!r}, not {len(expected)} items"
        for index, (one, other) in enumerate(zip(expected, actual)):
            wrong = mismatch(one, other, saved, f"{path}[{index}]")
            if wrong:
                return wrong
        return None
    if isinstance(expected, bool) or isinstance(actual, bool) or expected is None:
        same = expected is actual
    else:
        same = expected == actual
    return None if same else f"{path} is {actual!r}, not {expected!r}"


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _above(bound, actual, _):
    return None if _is_number(actual) and actual > bound else f"above {bound}"


def _below(bound, actual, _):
    return None if _is_number(actual) and actual < bound else f"below {bound}"


def _between(bounds, actual, _):
    low, high = bounds
    return None if _is_number(actual) and low <= actual <= high else f"{low} to {high}"


def _matches(pattern, actual, _):
    return None if isinstance(actual, str) and re.search(pattern, actual) else f"like {pattern!r}"


def _one_of(choices, actual, saved):
    right = any(mismatch(choice, actual, saved) is None for choice in choices)
    return None if right else f"one of {choices}"


def _size(size, actual, saved):
    return mismatch(size, len(actual or []), saved, "its size")


def _unset(_, actual, __):
    # A zero is what some languages make of a value that is not there.
    return None if actual in (None, 0, "") else "unset"


def _same_as(name, actual, saved):
    return None if actual == saved[name] else f"{saved[name]!r}, as {name}"


def _not(test, actual, saved):
    return f"anything but {test}" if mismatch(test, actual, saved) is None else None


_TESTS = {"above": _above, "below": _below, "between": _between, "matches": _matches,
          "one_of": _one_of, "size": _size, "unset": _unset, "same_as": _same_as, "not": _not}
