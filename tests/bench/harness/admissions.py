"""Checks that no span of time had more admissions than burst + rate * time."""


def worst_share(result, burst, rate_per_second):
    """The largest admitted / (burst + rate * length) over all spans of bins.

    Conservative, so above 1 is a broken promise and never an artefact: a
    question counts in a span only if it was both sent and answered within it,
    so it was decided there.
    """
    width = result["bin_ns"] / 1e9
    by_sent = {}
    last = 0
    for sent, received, count in result["admissions"]:
        by_sent.setdefault(sent, []).append((received, count))
        last = max(last, received)
    worst = 0.0
    # Grow the span to the left: answered[j] counts what was sent in it and
    # answered in bin j.
    answered = [0] * (last + 1)
    for first in range(last, -1, -1):
        for received, count in by_sent.get(first, ()):
            answered[received] += count
        admitted = 0
        for end in range(first, last + 1):
            admitted += answered[end]
            bound = burst + rate_per_second * (end - first + 1) * width
            worst = max(worst, admitted / bound)
    return worst


def share_used(result, burst, rate_per_second):
    """Admitted over what could have been, from first question to last answer."""
    seconds = (result["last_received_ns"] - result["first_sent_ns"]) / 1e9
    return result["allowed"] / (burst + rate_per_second * seconds)
