// The breakers: the state now, and a strip of how it was, whose height tells
// what its colour does: low closed, half half-open, full open.

import {cards} from '../base/cards.js';
import {attr, h, put, svg} from '../base/dom.js';
import {ago, rate, roughly} from '../base/format.js';

const SPAN_S = 300;
const HEIGHT = 26;
const LOOKS = {
  closed: ['good', 5], forced_closed: ['good', 5], metrics_only: ['good', 5],
  half_open: ['shadow', 15], open: ['denied', HEIGHT], forced_open: ['denied', HEIGHT],
};
function look(state) {
  const [tone, height] = LOOKS[state] ?? ['plain', 15];
  return {word: state.replaceAll('_', ' '), tone, height};
}

// [{from, to, state}] in seconds before now, oldest first. Before the first
// change that is known nothing is known, unless there was none at all.
function stretches(breaker, now) {
  if (breaker.history.length === 0) return [{from: SPAN_S, to: 0, state: breaker.state}];
  return breaker.history.map((change, i) => ({
    from: Math.min(SPAN_S, now - change.at),
    to: i + 1 < breaker.history.length ? now - breaker.history[i + 1].at : 0,
    state: change.state,
  })).filter((one) => one.to < SPAN_S && one.from > one.to);
}

function strip(breaker, now) {
  return stretches(breaker, now).map(({from, to, state}) => {
    const {tone, height, word} = look(state);
    const title = svg('title');
    put(title, `${word}, from ${ago(from)}${to > 0 ? ` to ${ago(to)}` : ''}`);
    return svg('rect', {class: `area solid ${tone}`, x: SPAN_S - from, y: HEIGHT - height,
                        width: from - to, height}, title);
  });
}

function card(first) {
  const state = h('span.tag');
  const facts = h('p.facts');
  const picture = svg('svg', {class: 'strip', viewBox: `0 0 ${SPAN_S} ${HEIGHT}`, role: 'img',
                              preserveAspectRatio: 'none'});
  const node = h('article.card', {}, 
      h('div.head', {}, h('h3', {title: first.name}, first.name), state), picture,
      h('div.scale', {}, h('span', {}, '−5\u00a0min'), h('span', {}, 'now')), facts);
  return {
    node,
    update(breaker, {now}) {
      const {word, tone} = look(breaker.state);
      put(state, word);
      attr(node, 'data-tone', tone);
      picture.replaceChildren(...strip(breaker, now));
      attr(picture, 'aria-label', `${word} now; ${breaker.history.length} changes known`);
      const last = breaker.history[breaker.history.length - 1];
      put(facts, [last ? `${word} for ${roughly(now - last.at)}` : 'no change yet',
                  breaker.rejected > 0 ? `rejects ${rate(breaker.rejected)}` : ''].filter(Boolean)
          .join('  ·  '));
    },
  };
}

export const breakers = () => cards('breakers', 'Breakers', card);
