"""The key of a call of a decorated function."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Union

KeySource = Union[str, Callable[..., str]]


def key_of(function: Callable[..., Any], key: KeySource) -> Callable[..., str]:
    """From a call's arguments: `key` itself, or a template such as
    "user:{user_id}" of the function's parameters."""
    if callable(key):
        return key
    template = key
    signature = inspect.signature(function)

    def from_template(*args: Any, **kwargs: Any) -> str:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return template.format(**bound.arguments)

    return from_template
