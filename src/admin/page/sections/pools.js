// The pools: use of each cap, who waits, the last minute.

import {cards} from '../base/cards.js';
import {Chart} from '../base/chart.js';
import {attr, h, put} from '../base/dom.js';
import {count, percent, rate} from '../base/format.js';

// Above this share of its cap a pool is said to be nearly full.
const NEARLY = 0.9;

function card(first) {
  const used = h('b');
  const cap = h('span.unit');
  const when = h('span.when');
  const state = h('span.tag');
  const fill = h('span.fill');
  const bar = h('div.use', {role: 'meter', 'aria-label': `${first.name}: in use`, 'aria-valuemin': 0,
                            'aria-valuemax': 100}, fill);
  const facts = h('p.facts');
  let latest = first;
  const chart = new Chart([{tone: 'plain', area: true}], {
    label: `${first.name}: in use, the last minute`, points: 60, least: first.limit ?? 1,
    onLook([value], moment) {
      put(used, count(moment ? value : latest.leases));
      put(when, moment);
    },
  });
  const node = h('article.card', {}, h('div.head', {}, h('h3', {title: first.name}, first.name), when, state),
      h('p.figure', {}, used, ' ', cap), bar, chart.node, facts);
  return {
    node,
    update(pool, {step}) {
      latest = pool;
      put(used, count(pool.leases));
      put(cap, pool.limit === null ? 'in use' : `of ${count(pool.limit)} in use`);
      const full = pool.used !== null && pool.used >= 1;
      const near = pool.used !== null && pool.used >= NEARLY;
      put(state, full ? 'full' : near ? 'nearly full' : '');
      attr(node, 'data-tone', near ? 'denied' : null);
      fill.style.width = `${(100 * Math.min(1, pool.used ?? 0)).toFixed(1)}%`;
      attr(bar, 'aria-valuenow', Math.round(100 * (pool.used ?? 0)));
      bar.hidden = pool.used === null;
      put(facts, [pool.used === null ? '' : `${percent(pool.used)} used`,
                  pool.waiting ? `${count(pool.waiting)} waiting` : 'nobody waits',
                  pool.timeouts > 0 ? `${rate(pool.timeouts)} gave up` : ''].filter(Boolean).join('  ·  '));
      chart.update([pool.history], step);
    },
    close: () => chart.close(),
  };
}

export const pools = () => cards('pools', 'Pools', card);
