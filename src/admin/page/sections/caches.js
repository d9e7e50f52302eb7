// The caches: how requests ended, and the share of hits over the last minute.

import {cards} from '../base/cards.js';
import {Chart} from '../base/chart.js';
import {h, put} from '../base/dom.js';
import {percent, rate} from '../base/format.js';

// What saves the caller a load comes first; each with its tone.
const RESULTS = {hit: 'good', stale: 'plain', negative: 'shadow', miss: 'denied'};

function parts(results) {
  const known = Object.keys(RESULTS).filter((name) => results[name] !== undefined);
  const others = Object.keys(results).filter((name) => !(name in RESULTS)).sort();
  return [...known, ...others].filter((name) => results[name] > 0)
      .map((name) => ({name, value: results[name], tone: RESULTS[name] ?? 'plain'}));
}

// A bar of parts, as wide as their shares, and a legend under it.
function show(bar, legend, results) {
  const all = parts(results);
  const sum = all.reduce((total, part) => total + part.value, 0);
  bar.replaceChildren(...all.map((part) => {
    const piece = h(`span.fill.${part.tone}`, {title: `${part.name} ${rate(part.value)}`});
    piece.style.width = `${(100 * part.value / sum).toFixed(2)}%`;
    return piece;
  }));
  legend.replaceChildren(...all.map((part) => h('li', {}, h(`span.dot.${part.tone}`), part.name, ' ',
      h('b', {}, rate(part.value)))));
}

function card(first) {
  const hits = h('b');
  const when = h('span.when');
  const asked = h('span.unit');
  const bar = h('div.parts', {'aria-hidden': 'true'});
  const legend = h('ul.legend');
  let latest = first;
  const chart = new Chart([{tone: 'good', area: true}], {
    label: `${first.name}: share of hits, the last minute`, points: 60, least: 1,
    onLook([value], moment) {
      put(hits, percent(moment ? value : latest.hitRate));
      put(when, moment);
    },
  });
  return {
    node: h('article.card', {}, h('div.head', {}, h('h3', {title: first.name}, first.name), when),
        h('p.figure', {}, hits, ' ', h('span.unit', {}, 'hits of '), asked), chart.node, bar, legend),
    update(cache, {step}) {
      latest = cache;
      put(hits, percent(cache.hitRate));
      put(asked, rate(cache.rate));
      show(bar, legend, cache.results);
      chart.update([cache.history], step);
    },
    close: () => chart.close(),
  };
}

export const caches = () => cards('caches', 'Caches', card);
