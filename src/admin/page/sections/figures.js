// The key figures: two big charts for what callers see, and tiles for the rest.

import {Chart} from '../base/chart.js';
import {h, put, section, svg} from '../base/dom.js';
import {bytes, cores, duration, percent, rate, split} from '../base/format.js';

const POINTS = 300;

function swatch(one) {
  return svg('svg', {class: `swatch ${one.tone}`, width: 14, height: 12, 'aria-hidden': 'true'},
      one.area ? svg('path', {class: `area ${one.tone}`, d: 'M0,1h14v10h-14Z'}) : null,
      svg('path', {class: `line ${one.tone}`, d: one.area ? 'M0,1h14' : 'M0,6h14'}));
}

// A panel with a big chart; `parts`: [{series, name, tone, area}].
function panel(title, parts, format, label) {
  const values = parts.map(() => h('b'));
  const when = h('span.when');
  const chart = new Chart(parts, {
    label, points: POINTS, axis: format, keys: true, least: format === rate ? 1 : 0,
    onLook(now, moment) {
      values.forEach((node, k) => put(node, format(now[k])));
      put(when, moment);
    },
  });
  const legend = h('ul.legend', {}, ...parts.map((one, k) => h('li', {}, swatch(one),
      h('span', {}, one.name), values[k])));
  const node = h('article.panel', {}, h('div.head', {}, h('h3', {}, title), when), legend, chart.node);
  return {
    node,
    update(metrics) {
      node.hidden = !parts.some((one) => metrics.totals.of(one.series).some((value) => value > 0));
      chart.update(parts.map((one) => metrics.totals.of(one.series)), metrics.step);
    },
  };
}

// A tile: a figure, and under it how it was. Absent while it has no value.
function tile(title, series, format, tone, least = 0) {
  const number = h('b');
  const unit = h('span.unit');
  const when = h('span.when');
  const chart = new Chart([{tone, area: true}], {
    label: `${title}, the last five minutes`, points: POINTS, keys: true, least,
    onLook([value], moment) {
      const text = split(format(value));
      put(number, text.number);
      put(unit, text.unit);
      put(when, moment);
    },
  });
  const node = h('article.tile', {}, h('div.head', {}, h('h3', {}, title), when),
      h('p.figure', {}, number, ' ', unit), chart.node);
  return {
    node,
    update(metrics) {
      node.hidden = !metrics.totals.any(series);
      if (!node.hidden) chart.update([metrics.totals.of(series)], metrics.step);
    },
  };
}

// The share of denials is not sent: it is made of the two rates.
function withDeniedShare(metrics) {
  const admitted = metrics.totals.of('admitted_rate');
  const share = metrics.totals.of('denied_rate').map((denied, i) => {
    const all = denied + (admitted[i] ?? 0);
    return denied === null || !(all > 0) ? null : denied / all;
  });
  const {totals} = metrics;
  const own = (name) => name === 'denied_share';
  return {...metrics, totals: {
    of: (name) => (own(name) ? share : totals.of(name)),
    any: (name) => (own(name) ? share.some((value) => value !== null) : totals.any(name)),
  }};
}

export function figures() {
  const decisions = panel('Decisions', [
    {series: 'admitted_rate', name: 'admitted', tone: 'admitted', area: true},
    {series: 'denied_rate', name: 'denied', tone: 'denied', area: true},
  ], rate, 'Decisions a second, admitted and denied, the last five minutes');
  const latency = panel('Response time', [
    {series: 'rpc_p50_s', name: 'p50', tone: 'p50'},
    {series: 'rpc_p95_s', name: 'p95', tone: 'p95'},
    {series: 'rpc_p99_s', name: 'p99', tone: 'p99'},
  ], duration, 'Response time of calls: p50, p95 and p99, the last five minutes');
  const tiles = [
    tile('Calls', 'rpc_rate', rate, 'plain', 1),
    tile('Failed calls', 'rpc_error_rate', percent, 'denied', 0.01),
    tile('Denied', 'denied_share', percent, 'denied', 0.01),
    tile('Decided degraded', 'degraded_rate', rate, 'shadow', 1),
    tile('Redis p95', 'redis_p95_s', duration, 'plain'),
    tile('Cache hits', 'cache_hit_rate', percent, 'good', 1),
    tile('Pool use', 'pool_used_share', percent, 'plain', 1),
    tile('CPU', 'cpu_cores', cores, 'plain', 0.1),
    tile('CPU throttled', 'throttled_share', percent, 'denied', 0.1),
    tile('Memory', 'rss_bytes', bytes, 'plain'),
    tile('Telemetry dropped', 'telemetry_dropped_rate', rate, 'denied', 1),
  ];
  // These are worth a place only when there is something to see.
  const troubles = new Map([[tiles[3], 'degraded_rate'], [tiles[10], 'telemetry_dropped_rate']]);
  const node = section('figures', 'Key figures', h('div.panels', {}, decisions.node, latency.node),
      h('div.tiles', {}, ...tiles.map((one) => one.node)));
  node.classList.add('bare');
  return {
    node,
    update(raw) {
      const metrics = withDeniedShare(raw);
      node.hidden = false;
      decisions.update(metrics);
      latency.update(metrics);
      for (const one of tiles) {
        one.update(metrics);
        const series = troubles.get(one);
        if (series && !metrics.totals.of(series).some((value) => value > 0)) one.node.hidden = true;
      }
    },
  };
}
