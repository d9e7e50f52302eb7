"""The summary page of a run: one file of HTML that loads nothing from elsewhere."""

import html

from results import percentile

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7d; --line: #d9dfe6; --card: #fff; --back: #f4f6f8;
        --good: #17803d; --bad: #c22f2f; --mark: #2563c9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf1; --soft: #96a3b3; --line: #313b48; --card: #1b222b; --back: #12171d;
          --good: #4cc27a; --bad: #f07070; --mark: #6ea3f5; } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink);
       background: var(--back); }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 0; }
p { margin: .2rem 0 0; color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem;
          margin-top: 1.2rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .7rem; margin: 1rem 0; }
.tile { border: 1px solid var(--line); border-left: .3rem solid var(--good); border-radius: .4rem; padding: .4rem .7rem; }
.tile.bad { border-left-color: var(--bad); }
.tile b { display: block; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .85rem; }
.word { font-weight: 600; color: var(--good); } .word.bad { color: var(--bad); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { color: var(--soft); font-size: .85rem; }
svg { width: 100%; height: 7rem; display: block; }
svg path { fill: none; stroke: var(--mark); stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
svg line { stroke: var(--line); vector-effect: non-scaling-stroke; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
"""


def _tile(verdict):
    kind, word = ("", "kept") if verdict.good else (" bad", "crossed")
    return (f'<div class="tile{kind}"><span>{html.escape(verdict.what)}</span><b>{html.escape(verdict.measured)}</b>'
            f'<span>{html.escape(verdict.allowed)}: {word}</span></div>')


def _chart(title, unit, values):
    """A line over the run's seconds, from 0 to the highest value."""
    high = max(values, default=0) or 1
    width = max(1, len(values) - 1)
    points = " L".join(f"{i * 100 / width:.2f} {40 - 38 * value / high:.2f}" for i, value in enumerate(values))
    return (f'<figure><svg viewBox="0 0 100 40" preserveAspectRatio="none" role="img" aria-label="{title}">'
            f'<line x1="0" y1="40" x2="100" y2="40"/><line x1="0" y1="2" x2="100" y2="2"/><path d="M{points}"/></svg>'
            f"<figcaption>{title}, 0 to {high:,.0f} {unit} in {len(values)} s</figcaption></figure>")


def _row(name, milliseconds, failed):
    times = "".join(f"<td>{value:.2f}</td>" for value in (
        *(percentile(milliseconds, share) for share in (0.5, 0.95, 0.99)), milliseconds[-1] if milliseconds else 0))
    return f"<tr><td>{html.escape(name)}</td><td>{len(milliseconds):,}</td><td>{failed:,}</td>{times}</tr>"


def _section(name, what, results):
    kind, word = ("", "all thresholds kept") if results.good() else (" bad", "a threshold was crossed")
    rows = "".join(_row(m.name, m.milliseconds, m.failed) for m in results.methods)
    # The first and the last second are cut off at any point.
    course = results.course[1:-1] if len(results.course) > 4 else results.course
    return f"""<section><h2>{html.escape(name)}: <span class="word{kind}">{word}</span></h2>
<p>{html.escape(what)}. {results.iterations:,} iterations, {len(results.all):,} RPCs.</p>
<div class="tiles">{"".join(map(_tile, results.verdicts()))}</div>
<div class="charts">{_chart("Answers a second", "a second", [count for count, _ in course])}
{_chart("p95 of each second", "ms", [p95 for _, p95 in course])}</div>
<div class="wide"><table><tr><th>RPC</th><th>answers</th><th>failed</th><th>p50 ms</th><th>p95 ms</th><th>p99 ms</th>
<th>max ms</th></tr>{rows}{_row("all", results.all, results.failed)}</table></div></section>"""


def render(title, about, runs):
    """`runs`: (profile's name, what it is, its Results), in their order."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>
<h1>{html.escape(title)}</h1><p>{html.escape(about)}</p>
{"".join(_section(*run) for run in runs)}
</body></html>
"""
