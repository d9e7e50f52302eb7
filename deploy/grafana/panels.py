"""Panels of a Grafana dashboard, as the JSON that Grafana 9 and later read.

Queries are written with `{@}` or `{@,…}` for the chosen jobs and instances.
"""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
CHOSEN = 'job=~"$job",instance=~"$instance"'
COLUMNS = 24  # of Grafana's grid

# Colours that the colour-blind can tell apart (Okabe and Ito).
GREEN, ORANGE, RED, BLUE = "#009E73", "#E69F00", "#D55E00", "#0072B2"


def query(text):
    """`text` as Grafana sends it, on one line."""
    return " ".join(text.replace("{@", "{" + CHOSEN).split())


def quantile(share, histogram, by="", matchers=""):
    """Query of a quantile (0 to 1) of `histogram`, for each value of the labels `by`."""
    labels = ", ".join(filter(None, ["le", by]))
    chosen = "{@" + ("," + matchers if matchers else "") + "}"
    return (
        f"histogram_quantile({share}, sum by ({labels}) "
        f"(rate({histogram}_bucket{chosen}[$__rate_interval])))"
    )


def _targets(queries, **options):
    return [
        {
            "datasource": DATASOURCE,
            "editorMode": "code",
            "expr": query(text),
            "legendFormat": legend,
            "refId": chr(ord("A") + i),
            **options,
        }
        for i, (legend, text) in enumerate(queries.items())
    ]


def _panel(kind, title, description, unit, queries, width, height, **options):
    target_options = options.pop("target_options", {"range": True})
    defaults = {"unit": unit, **options.pop("defaults", {})}
    return {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": DATASOURCE,
        "gridPos": {"w": width, "h": height},
        "targets": _targets(queries, **target_options),
        "fieldConfig": {"defaults": defaults, "overrides": []},
        **options,
    }


def _steps(thresholds):
    """`thresholds` is colour → from which value; the first from None."""
    steps = [{"color": color, "value": value} for color, value in thresholds.items()]
    return {"mode": "absolute", "steps": steps}


def graph(title, description, unit, queries, width=8, stack=False, most=None):
    """Lines over time. `queries` is legend → query; `most` fixes the axis' end."""
    custom = {
        "drawStyle": "line",
        "fillOpacity": 30 if stack else 8,
        "lineWidth": 1,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "normal" if stack else "none"},
    }
    defaults = {"color": {"mode": "palette-classic"}, "custom": custom, "min": 0}
    if most is not None:
        defaults["max"] = most
    return _panel(
        "timeseries", title, description, unit, queries, width, 8,
        defaults=defaults,
        options={
            "legend": {"calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "bottom",
                       "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    )


def stat(title, description, unit, queries, thresholds=None, width=4, decimals=None):
    """One figure, or one for each series, with its course behind it."""
    defaults = {
        "color": {"mode": "thresholds"},
        "noValue": "–",
        "thresholds": _steps(thresholds or {BLUE: None}),
    }
    if decimals is not None:
        defaults["decimals"] = decimals
    return _panel(
        "stat", title, description, unit, queries, width, 4,
        defaults=defaults,
        options={
            "colorMode": "value", "graphMode": "area", "justifyMode": "auto",
            "orientation": "auto", "textMode": "auto", "showPercentChange": False, "wideLayout": True,
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        },
    )


def bars(title, description, unit, queries, thresholds, width=8):
    """The latest values as bars between 0 and 1."""
    return _panel(
        "bargauge", title, description, unit, queries, width, 8,
        target_options={"instant": True, "range": False},
        defaults={"color": {"mode": "thresholds"}, "min": 0, "max": 1, "thresholds": _steps(thresholds)},
        options={
            "displayMode": "basic", "orientation": "horizontal", "showUnfilled": True, "valueMode": "color",
            "sizing": "auto", "minVizHeight": 10, "maxVizHeight": 300, "minVizWidth": 0, "namePlacement": "auto",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        },
    )


def heatmap(title, description, unit, queries, width=8):
    """How many values fell into each bucket; the query is of buckets, by `le`."""
    return _panel(
        "heatmap", title, description, unit, queries, width, 8,
        target_options={"range": True, "format": "heatmap"},
        defaults={"custom": {"scaleDistribution": {"type": "linear"}}},
        options={
            "calculate": False,
            "cellGap": 1,
            "color": {"mode": "scheme", "scheme": "Viridis", "fill": "dark-orange", "steps": 64, "exponent": 0.5,
                      "reverse": False},
            "filterValues": {"le": 1e-9},
            "legend": {"show": True},
            "rowsFrame": {"layout": "auto"},
            "tooltip": {"mode": "single", "show": True, "yHistogram": False},
            "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit},
        },
    )


def timeline(title, description, unit, queries, values, width=24):
    """States over time. `values` is number → (word, colour)."""
    mapping = {
        str(number): {"text": word, "color": color, "index": i}
        for i, (number, (word, color)) in enumerate(values.items())
    }
    return _panel(
        "state-timeline", title, description, unit, queries, width, 8,
        defaults={
            "color": {"mode": "thresholds"},
            "custom": {"fillOpacity": 75, "lineWidth": 0},
            "mappings": [{"type": "value", "options": mapping}],
            "thresholds": _steps({GREEN: None}),
        },
        options={
            "alignValue": "left", "mergeValues": True, "rowHeight": 0.9, "showValue": "auto",
            "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "single", "sort": "none"},
        },
    )


def lay_out(rows):
    """All panels of `rows` (title → (collapsed, panels)), placed and numbered."""
    placed, top = [], 0
    for title, (collapsed, panels) in rows.items():
        row = {"type": "row", "title": title, "collapsed": collapsed, "panels": [],
               "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": top}}
        placed.append(row)
        top = _place(panels, top + 1)
        (row["panels"] if collapsed else placed).extend(panels)
        if collapsed:
            top = row["gridPos"]["y"] + 1
    _number(placed)
    return placed


def _place(panels, top):
    """Puts `panels` side by side from `top` on; returns where they end."""
    left = height = 0
    for panel in panels:
        position = panel["gridPos"]
        if left + position["w"] > COLUMNS:
            left, top, height = 0, top + height, 0
        position["x"], position["y"] = left, top
        left += position["w"]
        height = max(height, position["h"])
    return top + height


def _number(placed):
    following = 1
    for panel in placed:
        for each in [panel, *panel.get("panels", [])]:
            each["id"] = following
            following += 1
