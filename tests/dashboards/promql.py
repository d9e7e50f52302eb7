"""The little of PromQL that the tests need: which metrics a query reads.

Whether a query is right is for Prometheus itself to say (live_test.py).
"""

import re

_WORDS = {
    "and", "or", "unless", "by", "without", "on", "ignoring", "group_left",
    "group_right", "offset", "bool", "inf", "nan",
}


def metric_names(query):
    """Names of metrics and recorded series in `query`, without functions."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', "", query)
    text = re.sub(r"\{[^{}]*\}", " ", text)  # matchers
    text = re.sub(r"\[[^\]]*\]", " ", text)  # ranges
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)", " ", text)
    text = re.sub(r"\boffset\s+\w+", " ", text)
    names = set()
    for found in re.finditer(r"[A-Za-z_:][\w:]*", text):
        before = text[found.start() - 1] if found.start() else " "
        if before.isdigit() or found.group().lower() in _WORDS:
            continue  # 1e3, or a keyword
        if text[found.end():].lstrip().startswith("("):
            continue  # a function or an aggregation
        names.add(found.group())
    return names


def selectors(query):
    """(metric, matchers) of every selector in `query`; matchers without braces."""
    bare = re.sub(r"\b(by|without|on|ignoring)\s*\([^()]*\)", " ", query)
    return [
        (found.group(1), found.group(2) or "")
        for found in re.finditer(r"\b([a-z_]\w*(?::\w+)*)(?:\{([^{}]*)\})?(?=\[|\s|\)|$|,)", bare)
        if found.group(1) in metric_names(query)
    ]
