// The top of the page: which sidecar this is, how it is, and whether what is
// shown is still true.

import {attr, h, put} from '../base/dom.js';
import {ago, roughly} from '../base/format.js';

const GRADES = {
  A: ['healthy', 'well'], B: ['good', 'well'], C: ['needs a look', 'unwell'],
  D: ['in trouble', 'ill'], F: ['failing', 'ill'],
};

const DEGRADED = 'Redis is out of reach. This pod answers alone: first with the tokens it has on lease, ' +
    'then as each limit’s on_store_loss says (by default, its share of the limit). It does not see what ' +
    'other pods admit until Redis is back.';
const LOOK_AT = 'Look at: whether Redis answers from this pod (address, network, password), its figures ' +
    'below, and the log.';

function banner(kind, title, text, more) {
  const body = h('p', {}, text);
  const node = h(`div.banner.${kind}`, {}, h('strong', {}, title), body);
  if (more) node.append(h('p', {}, more));
  node.hidden = true;
  return {node, body};
}

// The letter, which leads to what it is made of.
function badge() {
  const letter = h('span.letter', {'aria-hidden': 'true'}, '–');
  const word = h('span.word');
  const node = h('a.grade', {href: '#health', 'data-mood': 'unknown'}, letter, word);
  return {
    node,
    update(health) {
      const [text, mood] = GRADES[health?.grade] ?? ['not graded', 'unknown'];
      put(letter, GRADES[health?.grade] ? health.grade : '–');
      put(word, text);
      attr(node, 'data-mood', mood);
      attr(node, 'title', health?.score == null ? null : `Score ${health.score} of 100`);
      attr(node, 'aria-label', `Grade ${letter.textContent}, ${text}`);
    },
  };
}

function pauseButton(onPause) {
  const node = h('button', {type: 'button', 'aria-pressed': 'false'}, 'Pause');
  node.addEventListener('click', () => {
    const yes = node.getAttribute('aria-pressed') !== 'true';
    attr(node, 'aria-pressed', yes);
    put(node, yes ? 'Resume' : 'Pause');
    onPause(yes);
  });
  return node;
}

const factsOf = ({version, uptime, pods}) => [
  `outrigger ${version}`.trim(), uptime === null ? '' : `up ${roughly(uptime)}`,
  pods === null ? '' : pods === 1 ? '1 pod' : `${pods} pods`].filter(Boolean).join('  ·  ');

// onPause(yes) is called when the button is pressed.
export function header(onPause) {
  const service = h('h1', {}, 'Outrigger');
  const facts = h('p.facts');
  const grade = badge();
  const news = h('span.news', {}, 'asking …');
  const state = h('span.state', {'data-state': 'asking'}, h('span.light', {'aria-hidden': 'true'}), news);
  const degraded = banner('degraded', 'Degraded: deciding without Redis.', DEGRADED, LOOK_AT);
  const silent = banner('silent', 'No news from the sidecar.', '');
  const node = h('header', {},
      h('div.bar', {}, h('img', {src: 'icon.svg', alt: '', width: 32, height: 32}),
        h('div.who', {}, service, facts), grade.node, h('div.live', {}, state, pauseButton(onPause))));

  function update(metrics, health) {
    put(service, metrics.service || 'Outrigger');
    put(facts, factsOf(metrics));
    document.title = `${health?.grade ? health.grade + ' · ' : ''}${metrics.service || 'Outrigger'}`;
    grade.update(health);
    degraded.node.hidden = !metrics.degraded;
  }
  // `age`: seconds since the last news, null if there never was any.
  function showState(name, age, reason) {
    attr(state, 'data-state', name);
    const seen = age === null ? 'never seen' : `last seen ${ago(age)}`;
    put(news, {live: 'live', asking: 'asking …', paused: `paused · ${seen}`}[name] ??
        `no news · ${seen}`);
    silent.node.hidden = name !== 'silent';
    if (name !== 'silent') return;
    // Without the age: it is read out anew when it changes.
    put(silent.body, `${reason[0].toUpperCase()}${reason.slice(1)}. ` + (age === null ?
        'Is it running, and is this its admin address?' :
        'What is shown was true when it was last seen. The page asks again each second.'));
  }
  return {node, alerts: h('div.alerts', {role: 'alert'}, silent.node, degraded.node), update, showState};
}
