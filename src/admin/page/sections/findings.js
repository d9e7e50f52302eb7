// What the analyser found: how bad, on what evidence, why, and what to do.

import {h, KeyedList, more, put, section, svg} from '../base/dom.js';
import {byUnit, duration, roughly} from '../base/format.js';

const FEW = 6;
const ORDER = {critical: 0, warning: 1, info: 2};

// A shape for each severity: the colour is never the only sign.
function sign(severity) {
  const shapes = {
    critical: svg('path', {d: 'M6 1h8l5 5v8l-5 5h-8l-5-5v-8z'}),
    warning: svg('path', {d: 'M10 1.5L19.5 18.5H0.5z'}),
    info: svg('circle', {cx: 10, cy: 10, r: 9}),
  };
  const mark = svg('text', {x: 10, y: severity === 'warning' ? 16 : 15, 'text-anchor': 'middle'});
  put(mark, severity === 'info' ? 'i' : '!');
  return svg('svg', {class: 'sign', viewBox: '0 0 20 20', width: 22, height: 22,
                     'aria-hidden': 'true'}, shapes[severity] ?? shapes.info, mark);
}

const unitOf = (name) => (name.endsWith('_s') ? 's' : name.endsWith('_bytes') ? 'By' :
    /share|error_rate|hit_rate/.test(name) ? '1' : name.endsWith('_rate') ? '/s' : '');

// "p95_s": 1.2 reads "p95 1.2 s". A plain value has the unit of the check that
// found it; that of an anomaly, the unit of the series that is unusual, and its
// threshold is in deviations.
function evidence(name, value, finding, checkUnit) {
  const anomaly = finding.kind === 'anomaly';
  const plain = /^(value|usual|deviation)$/.test(name) || (name === 'threshold' && !anomaly);
  const unit = plain ? (anomaly ? unitOf(finding.subject) : checkUnit) : unitOf(name);
  const shown = typeof value === 'number' || value === null ? byUnit(value, unit) : String(value);
  return h('li', {}, h('span', {}, name.replace(/_(s|bytes)$/, '').replaceAll('_', ' ')), ' ',
           h('b', {}, shown));
}

function card(first) {
  const title = h('h3');
  const since = h('span.when');
  const facts = h('ul.evidence');
  const cause = h('p');
  const advice = h('p');
  const node = h('article.finding', {'data-severity': first.severity}, sign(first.severity),
      h('div', {}, h('div.head', {}, h('span.tag', {}, first.severity), title, since), facts,
        cause, advice));
  return {
    node,
    update({finding, now, unit}) {
      put(title, finding.title);
      put(since, finding.since === null ? '' : `for ${roughly(now - finding.since)}`);
      facts.replaceChildren(...Object.entries(finding.evidence).filter(([name]) => name !== 'window_s')
          .map(([name, value]) => evidence(name, value, finding, unit)));
      const {window_s: window} = finding.evidence;
      if (Number.isFinite(window)) facts.append(h('li.window', {}, `over ${duration(window)}`));
      cause.replaceChildren(h('strong', {}, 'Likely cause '), finding.cause);
      advice.replaceChildren(h('strong', {}, 'What to do '), finding.advice);
      cause.hidden = !finding.cause;
      advice.hidden = !finding.advice;
    },
  };
}

export function findings() {
  const button = more(FEW, 'findings', show);
  const box = h('div.findings');
  const list = new KeyedList(box, (item) => item.finding.severity + item.finding.id,
                             (item) => card(item.finding));
  const node = section('findings', 'Findings', box, button.node);
  let latest = [];

  function show() {
    list.show(button.cut(latest));
  }
  function update({findings: found, now}, health) {
    const units = new Map((health?.checks ?? []).map((check) => [check.name, check.unit]));
    node.hidden = found.length === 0;
    latest = found.slice().sort((a, b) => (ORDER[a.severity] ?? 3) - (ORDER[b.severity] ?? 3))
        .map((finding) => ({finding, now, unit: units.get(finding.kind)}));
    show();
  }
  return {node, update};
}
