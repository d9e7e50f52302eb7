// Redis, as this sidecar sees it.

import {h, KeyedList, put, section} from '../base/dom.js';
import {count, duration, percent, rate} from '../base/format.js';
import {operations} from './methods.js';

function fact() {
  const label = h('span.label');
  const value = h('b');
  const node = h('li.fact', {}, label, value);
  return {
    node,
    update(item) {
      put(label, item.label);
      put(value, item.value);
      node.classList.toggle('bad', item.bad === true);
    },
  };
}

// What is said of it; `bad` where it is a sign of trouble.
function facts(redis) {
  const errors = Object.entries(redis.errors).filter(([, value]) => value > 0);
  return [
    {label: 'commands', value: rate(redis.rate)},
    {label: 'in flight', value: count(redis.inFlight)},
    {label: 'p50', value: duration(redis.p50)},
    {label: 'p95', value: duration(redis.p95)},
    {label: 'p99', value: duration(redis.p99)},
    {label: 'failed', value: percent(redis.failed), bad: redis.failed > 0},
    ...errors.map(([kind, value]) => ({label: kind, value: rate(value), bad: true})),
    {label: 'reconnects', value: count(redis.reconnects), bad: redis.reconnects > 0},
    ...(redis.redirects ? [{label: 'redirects', value: count(redis.redirects)}] : []),
    ...(redis.noscript ? [{label: 'scripts sent again', value: count(redis.noscript)}] : []),
  ];
}

export function redis() {
  const box = h('ul.facts-list');
  const list = new KeyedList(box, (item) => item.label, fact);
  const commands = operations();
  const node = section('redis', 'Redis', box, commands.node);
  return {
    node,
    update(metrics) {
      node.hidden = metrics.redis === null;
      if (node.hidden) return;
      list.show(facts(metrics.redis));
      commands.node.hidden = metrics.redis.operations.length === 0;
      commands.update(metrics.redis.operations, metrics.findings);
    },
  };
}
