// The limits: for each how much it admits and denies. Hundreds of them stay
// smooth: only some are shown until more are asked for, and only those on the
// screen are drawn.

import {Chart} from '../base/chart.js';
import {attr, h, heads, KeyedList, more, put, section} from '../base/dom.js';
import {count, percent, rate} from '../base/format.js';

const FEW = 20;
// The order is made anew after so many reports: rows that change places each
// second cannot be read.
const SETTLED = 10;
const ORDERS = {
  'busiest': (a, b) => b.admitted + b.denied - a.admitted - a.denied,
  'most denied': (a, b) => b.denied - a.denied,
  'share denied': (a, b) => (b.deniedShare ?? -1) - (a.deniedShare ?? -1),
  'most used': (a, b) => (b.used ?? -1) - (a.used ?? -1),
  'name': () => 0,
};

// A bar from 0 to 1 with its number.
function meter(label, tone) {
  const fill = h(`span.fill.${tone}`);
  const value = h('b');
  const bar = h('span.meter', {role: 'meter', 'aria-label': label, 'aria-valuemin': 0,
                               'aria-valuemax': 100}, fill);
  return {
    node: h('div.cell.measured', {}, h('span.label', {}, label), bar, value),
    update(share) {
      const known = share !== null;
      fill.style.width = known ? `${(100 * Math.min(1, share)).toFixed(1)}%` : '0';
      attr(bar, 'aria-valuenow', known ? Math.round(100 * share) : 0);
      attr(bar, 'aria-valuetext', percent(share));
      put(value, percent(share));
    },
  };
}

function figure(label, tone) {
  const value = h('b');
  return {node: h(`div.cell.${tone}`, {}, h('span.label', {}, label), value),
          put: (text) => put(value, text)};
}

function row(limit) {
  const tags = h('span.tags');
  const admitted = figure('admitted', 'ok');
  const denied = figure('denied', 'no');
  const share = meter('share denied', 'denied');
  const used = meter('burst used', 'plain');
  const chart = new Chart([{tone: 'admitted', area: true}, {tone: 'denied', area: true}], {
    label: `${limit.name}: admitted and denied, the last minute`, points: 60,
    onLook([yes, no], moment) {
      admitted.put(rate(moment ? yes : current.admitted));
      denied.put(rate(moment ? no : current.denied));
    },
  });
  let current = limit;
  const node = h('article.limit', {}, h('div.title', {}, h('h3', {title: limit.name}, limit.name), tags),
      chart.node, admitted.node, denied.node, share.node, used.node);
  return {
    node,
    update({limit: latest, step}) {
      current = latest;
      const words = [];
      if (latest.shadow > 0) words.push(`shadow: would deny ${rate(latest.shadow)}`);
      if (latest.degraded > 0) words.push(`degraded ${rate(latest.degraded)}`);
      if (latest.local !== null) words.push(`${percent(latest.local)} decided here`);
      put(tags, words.join('  ·  '));
      attr(node, 'data-denies', latest.denied > 0 ? 'yes' : null);
      share.update(latest.deniedShare);
      used.update(latest.used);
      admitted.put(rate(latest.admitted));
      denied.put(rate(latest.denied));
      chart.update([latest.history.admitted, latest.history.denied], step);
    },
    close: () => chart.close(),
  };
}

// The places of the rows, by one of ORDERS.
function ranking() {
  let ranks = new Map();
  let reports = 0;
  const compare = (a, b) => ranks.get(a.name) - ranks.get(b.name);
  function renew(all, order) {
    const sorted = all.slice().sort((a, b) => ORDERS[order](a, b) || a.name.localeCompare(b.name));
    ranks = new Map(sorted.map((limit, i) => [limit.name, i]));
  }
  // With each report.
  function settle(all, order) {
    const known = all.length === ranks.size && all.every(({name}) => ranks.has(name));
    if (!known || reports++ % SETTLED === 0) renew(all, order);
  }
  return {compare, renew, settle};
}

// What is said of those that are not shown.
function remark(wanted, found, {limits: all, leftOut}) {
  return [
    wanted ? `${found} of ${all.length} limits match.` : '',
    leftOut.count ? `${count(leftOut.count)} quieter limits are not listed: together ` +
        `${rate(leftOut.admitted)} admitted, ${rate(leftOut.denied)} denied.` : '',
  ].filter(Boolean).join(' ');
}

export function limits() {
  const search = h('input', {type: 'search', placeholder: 'Find a limit', 'aria-label': 'Find a limit',
                             autocomplete: 'off', spellcheck: 'false'});
  const order = h('select', {'aria-label': 'Order of the limits'},
      ...Object.keys(ORDERS).map((name) => h('option', {}, name)));
  const note = h('p.note', {role: 'status'});
  const button = more(FEW, 'limits', show);
  const box = h('div');
  const list = new KeyedList(box, (item) => item.limit.name, (item) => row(item.limit));
  const tools = h('div.tools', {}, search, h('label', {}, 'Order ', order));
  const node = section('limits', 'Limits', tools, note, h('div.limits', {},
      heads('limit', '', 'last minute', 'admitted', 'denied', 'share denied', 'burst used'), box), button.node);
  const ranks = ranking();
  let latest = null;

  function show() {
    const wanted = search.value.trim().toLowerCase();
    const found = latest.limits.filter((limit) => limit.name.toLowerCase().includes(wanted))
        .sort(ranks.compare);
    node.hidden = latest.limits.length === 0;
    tools.hidden = latest.limits.length < 4;
    list.show(button.cut(found).map((limit) => ({limit, step: latest.step})));
    put(note, remark(wanted, found.length, latest));
  }
  function update(metrics) {
    latest = metrics;
    ranks.settle(latest.limits, order.value);
    show();
  }
  search.addEventListener('input', show);
  order.addEventListener('change', () => {
    ranks.renew(latest.limits, order.value);
    show();
  });
  return {node, update};
}
