// What the grade is made of: each check's value beside its threshold. The tick
// stands at the threshold; a bar that passes it is a check that fails.

import {attr, h, KeyedList, put, section} from '../base/dom.js';
import {byUnit, duration} from '../base/format.js';

const WORDS = {healthy: 'good', degraded: 'watch', unhealthy: 'bad', no_data: 'no data'};
// Of these more is better.
const RISING = new Set(['cache_hit_rate']);

function row() {
  const name = h('span.name');
  const value = h('b');
  const limit = h('span.bound');
  const word = h('span.tag');
  const bar = h('span.fill');
  const tick = h('span.tick');
  const node = h('li.check', {}, h('span.head', {}, name, word),
      h('span.bullet', {'aria-hidden': 'true'}, bar, tick), h('span.numbers', {}, value, limit));
  return {
    node,
    update(check) {
      const known = check.value !== null && check.threshold !== null;
      const scale = known ? Math.max(check.threshold * 1.6, check.value, 1e-12) : 1;
      attr(node, 'data-status', check.status);
      put(name, check.name.replaceAll('_', ' '));
      const beyond = known && (check.value - check.threshold) * (RISING.has(check.name) ? -1 : 1) > 0;
      put(word, beyond && check.status === 'healthy' ? 'note' : WORDS[check.status] ?? check.status);
      put(value, byUnit(check.value, check.unit));
      const side = RISING.has(check.name) ? 'at least' : 'at most';
      put(limit, check.threshold === null ? '' : `${side} ${byUnit(check.threshold, check.unit)}`);
      bar.style.width = known ? `${(100 * check.value / scale).toFixed(1)}%` : '0';
      tick.style.left = known ? `${(100 * check.threshold / scale).toFixed(1)}%` : '62.5%';
    },
  };
}

export function checks() {
  const box = h('ul.checks');
  const note = h('p.note');
  const list = new KeyedList(box, (check) => check.name, row);
  const node = section('health', 'Health checks', note, box);
  return {
    node,
    update(metrics, health) {
      const shown = (health?.checks ?? []).filter((check) => check.status !== 'no_data');
      const silent = (health?.checks ?? []).length - shown.length;
      node.hidden = shown.length === 0;
      put(note, (health?.window ? `Judged over ${duration(health.window)}. ` : '') +
          (silent ? `${silent} more have no data.` : ''));
      list.show(shown);
    },
  };
}
