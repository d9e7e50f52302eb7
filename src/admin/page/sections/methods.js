// Methods, and the commands sent to Redis: for each how often, how many failed,
// and how long it took, from p50 to p99 on one scale for all of a list. The
// scale is logarithmic: what counts is how many times longer.

import {attr, h, heads, KeyedList, put, section, svg} from '../base/dom.js';
import {duration, percent, rate} from '../base/format.js';

// Ten times the usual mean apart, so that a single method is no full-width line.
const LEAST_DECADES = 2;

// A share of failed calls that is marked.
const NOTABLE = 0.01;

// {at(seconds): 0 to 100, low, high} over all that is known of `operations`.
function scaleOf(operations) {
  const all = operations.flatMap((one) => [one.p50, one.p95, one.p99]).filter((s) => s > 0);
  const low = Math.floor(Math.log10(all.length ? Math.min(...all) : 1e-4));
  const high = Math.max(low + LEAST_DECADES, Math.ceil(Math.log10(all.length ? Math.max(...all) : 1)));
  return {low, high,
          at: (s) => 100 * (Math.log10(Math.max(s, 10 ** low)) - low) / (high - low)};
}

// The shape of each quantile: circle p50, bar p95, diamond p99.
const SHAPES = {
  p50: () => svg('circle', {r: 4}),
  p95: () => svg('rect', {x: -1.5, y: -6, width: 3, height: 12}),
  p99: () => svg('path', {d: 'M0-5L5 0L0 5L-5 0z'}),
};

function spread(operation, scale) {
  const known = ['p50', 'p95', 'p99'].filter((name) => operation[name] > 0);
  if (!known.length) return [];
  const place = (name) => `${scale.at(operation[name]).toFixed(2)}%`;
  const marks = known.map((name) => {
    const title = svg('title');
    put(title, `${name} ${duration(operation[name])}`);
    return svg('svg', {x: place(name), y: '50%', class: `mark ${name}`}, SHAPES[name](), title);
  });
  return [svg('line', {class: 'range', x1: place(known[0]), x2: place(known[known.length - 1]), y1: '50%',
                       y2: '50%'}), ...marks];
}

// "outrigger.ratelimit.v1.RateLimiter/Allow" is told apart by its end.
const short = (name) => name.replace(/^.*\.(?=[^./]+\/)/, '');

function row({operation: first}) {
  const often = h('b');
  const failed = h('b');
  const took = h('span.quantiles');
  const slow = h('span.tag');
  const picture = svg('svg', {class: 'spread', role: 'img'});
  const node = h('article.method', {},
      h('div.title', {}, h('h3', {title: first.name}, short(first.name)), slow),
      h('div.cell', {}, h('span.label', {}, 'rate'), often),
      h('div.cell.failed', {}, h('span.label', {}, 'failed'), failed),
      h('div.timing', {}, picture, took));
  return {
    node,
    update({operation, scale, found}) {
      put(often, rate(operation.rate));
      put(failed, percent(operation.failed));
      attr(node, 'data-fails', operation.failed >= NOTABLE ? 'yes' : null);
      put(slow, found ? `slow: usually ${duration(operation.usual)} on average` : '');
      const text = `● p50 ${duration(operation.p50)}   ❙ p95 ${duration(operation.p95)}   ` +
          `◆ p99 ${duration(operation.p99)}`;
      put(took, text);
      attr(picture, 'aria-label', text);
      picture.replaceChildren(...spread(operation, scale));
    },
  };
}

// The rows of one list of operations, and their scale.
export function operations() {
  const axis = h('div.decades', {'aria-hidden': 'true'});
  const rows = h('div.methods');
  const node = h('div.spreads', {}, heads('method', '', 'rate', 'failed', 'time taken'), rows,
      h('div.method.foot', {}, axis));
  const list = new KeyedList(rows, (item) => item.operation.name, row);
  return {
    node,
    // `findings`: those that the analyser found slow are marked.
    update(all, findings) {
      const scale = scaleOf(all);
      const slow = new Set(findings.filter(({kind}) => kind === 'slow_operation')
          .map(({subject}) => subject));
      list.show(all.map((operation) => ({operation, scale, found: slow.has(operation.name)})));
      const ticks = [];
      for (let power = scale.low; power <= scale.high; ++power) ticks.push(duration(10 ** power));
      if (axis.childElementCount !== ticks.length) axis.replaceChildren(...ticks.map(() => h('span')));
      ticks.forEach((text, i) => put(axis.children[i], text));
    },
  };
}

export function methods() {
  const list = operations();
  const node = section('methods', 'Methods', list.node);
  return {
    node,
    update(metrics) {
      node.hidden = metrics.methods.length === 0;
      list.update(metrics.methods, metrics.findings);
    },
  };
}
