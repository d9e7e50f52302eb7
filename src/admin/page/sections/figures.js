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
      node.hidden = !parts.some((one) => metrics.totals(one.series).some((value) => value > 0));
      chart.update(parts.map((one) => metrics.totals(one.series)), metrics.step);
    },
  };
}

// A tile: a figure, and under it how it was. Absent while it has no value, and
// one of a `trouble` while there was none.
function tile(title, series, format, tone, least = 0, trouble = false) {
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
      const values = metrics.totals(series);
      node.hidden = !values.some((value) => (trouble ? value > 0 : value !== null));
      if (!node.hidden) chart.update([values], metrics.step);
    },
  };
}

export function figures() {
  const decisions = panel('Decisions of all limits', [
    {series: 'admitted_rate', name: 'admitted', tone: 'admitted', area: true},
    {series: 'denied_rate', name: 'denied', tone: 'denied', area: true},
  ], rate, 'Admitted and denied a second, the last five minutes');
  const latency = panel('Response time', [
    {series: 'rpc_p50_s', name: 'p50', tone: 'p50'},
    {series: 'rpc_p95_s', name: 'p95', tone: 'p95'},
    {series: 'rpc_p99_s', name: 'p99', tone: 'p99'},
  ], duration, 'Response time: p50, p95 and p99, the last five minutes');
  const tiles = [
    tile('Calls', 'rpc_rate', rate, 'plain', 1),
    tile('Failed calls', 'rpc_error_rate', percent, 'denied', 0.01),
    tile('Denied', 'denied_share', percent, 'denied', 0.01),
    tile('Degraded', 'degraded_rate', rate, 'shadow', 1, true),
    tile('Redis p95', 'redis_p95_s', duration, 'plain'),
    tile('Cache hits', 'cache_hit_rate', percent, 'good', 1),
    tile('Pool use', 'pool_used_share', percent, 'plain', 1),
    tile('CPU', 'cpu_cores', cores, 'plain', 0.1),
    tile('CPU throttled', 'throttled_share', percent, 'denied', 0.1, true),
    tile('Memory', 'rss_bytes', bytes, 'plain'),
    tile('Telemetry lost', 'telemetry_dropped_rate', rate, 'denied', 1, true),
  ];
  const node = section('figures', 'Key figures', h('div.panels', {}, decisions.node, latency.node),
      h('div.tiles', {}, ...tiles.map((one) => one.node)));
  node.classList.add('bare');
  return {
    node,
    update(metrics) {
      node.hidden = false;
      decisions.update(metrics);
      latency.update(metrics);
      for (const one of tiles) one.update(metrics);
    },
  };
}
