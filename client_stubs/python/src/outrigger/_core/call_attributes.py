"""The attributes of a call of a decorated function."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Callable, Union

#: Of a call: a mapping whose values may be templates of the function's parameters,
#: such as {"user": "{user_id}"}, or a function of the same arguments.
AttributeSource = Union[Mapping[str, str], Callable[..., Mapping[str, str]], None]


def attributes_of(
    function: Callable[..., Any], source: AttributeSource, more: Mapping[str, str]
) -> Callable[..., Mapping[str, str]]:
    """From a call's arguments. `more` are templates, too."""
    if callable(source):
        if more:
            raise TypeError("attributes are a function or templates, not both")
        return source
    templates = {**(source or {}), **more}
    signature = inspect.signature(function)

    def from_templates(*args: Any, **kwargs: Any) -> Mapping[str, str]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return {name: template.format(**bound.arguments) for name, template in templates.items()}

    return from_templates
