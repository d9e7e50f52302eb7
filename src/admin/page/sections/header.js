// The top of the page: which sidecar this is, how it is, and whether what is
// shown is still true.

import {attr, h, put} from '../base/dom.js';
import {ago, roughly} from '../base/format.js';

const GRADES = {
  A: ['healthy', 'well'], B: ['good', 'well'], C: ['needs a look', 'unwell'],
  D: ['in trouble', 'ill'], F: ['failing', 'ill'],
};

const DEGRADED = 'Redis is out of reach. This pod answers alone: first with the tokens it has ' +
    'on lease, then as each limit’s on_store_loss says (by default, its share of the limit). It does not see ' +
    'what other pods admit until Redis is back.';
const LOOK_AT = 'Look at: whether Redis answers from this pod (address, network, password), its figures below, ' +
    'and the log.';

function banner(kind, title, text, more) {
  const body = h('p', {}, text);
  const node = h(`div.banner.${kind}`, {}, h('strong', {}, title), body);
  if (more) node.append(h('p', {}, more));
  node.hidden = true;
  return {node, body};
}

// onPause(yes) is called when the button is pressed.
export function header(onPause) {
  const service = h('h1', {}, 'Outrigger');
  const facts = h('p.facts');
  const letter = h('span.letter', {'aria-hidden': 'true'}, '–');
  const word = h('span.word');
  const grade = h('a.grade', {href: '#health', 'data-mood': 'unknown'}, letter, word);
  const light = h('span.light', {'aria-hidden': 'true'});
  const news = h('span.news', {role: 'status'}, 'asking …');
  const pause = h('button', {type: 'button', 'aria-pressed': 'false'}, 'Pause');
  const degraded = banner('degraded', 'Degraded: deciding without Redis.', DEGRADED, LOOK_AT);
  const silent = banner('silent', 'No news from the sidecar.', '');
  const node = h('header', {},
      h('div.bar', {}, h('img', {src: 'icon.svg', alt: '', width: 32, height: 32}),
        h('div.who', {}, service, facts), grade,
        h('div.live', {}, h('span.state', {'data-state': 'asking'}, light, news), pause)));
  const alerts = h('div.alerts', {role: 'alert'}, silent.node, degraded.node);
  const state = node.querySelector('.state');

  pause.addEventListener('click', () => {
    const yes = pause.getAttribute('aria-pressed') !== 'true';
    attr(pause, 'aria-pressed', yes);
    put(pause, yes ? 'Resume' : 'Pause');
    onPause(yes);
  });

  function showGrade(health) {
    const [text, mood] = GRADES[health?.grade] ?? ['not graded', 'unknown'];
    put(letter, GRADES[health?.grade] ? health.grade : '–');
    put(word, text);
    attr(grade, 'data-mood', mood);
    attr(grade, 'title', health?.score == null ? null : `Score ${health.score} of 100`);
    attr(grade, 'aria-label', `Grade ${letter.textContent}, ${text}`);
  }

  return {
    node,
    alerts,
    update(metrics, health) {
      put(service, metrics.service || 'Outrigger');
      put(facts, [
        `outrigger ${metrics.version}`.trim(),
        metrics.uptime === null ? '' : `up ${roughly(metrics.uptime)}`,
        metrics.pods === null ? '' : metrics.pods === 1 ? '1 pod' : `${metrics.pods} pods`,
      ].filter(Boolean).join('  ·  '));
      document.title = `${health?.grade ? health.grade + ' · ' : ''}${metrics.service || 'Outrigger'}`;
      showGrade(health);
      degraded.node.hidden = !metrics.degraded;
    },
    // `age`: seconds since the last news, null if there never was any.
    showState(name, age, reason) {
      attr(state, 'data-state', name);
      const seen = age === null ? 'never seen' : `last seen ${ago(age)}`;
      put(news, name === 'live' ? 'live' : name === 'paused' ? `paused · ${seen}` :
          name === 'asking' ? 'asking …' : `no news · ${seen}`);
      silent.node.hidden = name !== 'silent';
      if (name !== 'silent') return;
      put(silent.body, `${reason[0].toUpperCase()}${reason.slice(1)}. ` + (age === null ?
          'Is it running, and is this its admin address?' :
          `What is shown was true ${ago(age)}. The page asks again each second.`));
    },
  };
}
