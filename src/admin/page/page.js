// The page at /: asks the sidecar how it is once a second and shows it. Each
// part of the page stands in sections/ and gives {node, update(metrics, health)}.

import {h} from './base/dom.js';
import {Poller} from './base/poll.js';
import {breakers} from './sections/breakers.js';
import {caches} from './sections/caches.js';
import {checks} from './sections/checks.js';
import {figures} from './sections/figures.js';
import {findings} from './sections/findings.js';
import {guide} from './sections/guide.js';
import {header} from './sections/header.js';
import {limits} from './sections/limits.js';
import {methods} from './sections/methods.js';
import {pools} from './sections/pools.js';
import {redis} from './sections/redis.js';

const LINKS = {
  '/metrics': 'metrics', '/performance/health': 'health', '/performance/metrics': 'this page’s data',
  '/config': 'configuration', '/log-levels': 'log levels', '/readyz?verbose': 'readiness',
};

// A page that is silent this long shows its figures greyed.
const STALE_S = 3;

let lastNews = null;  // performance.now() of the last answer, in ms
let failure = null;   // why the latest round failed; null: it did not

const poller = new Poller(onReport, onFailure);
const top = header((yes) => {
  poller.pause(yes);
  showState();
});
const above = [guide(), findings(), figures(), limits()];
const beside = [breakers(), pools(), caches()];
const below = [methods(), redis(), checks()];
const sections = [...above, ...beside, ...below];
const nodes = (parts) => parts.map((one) => one.node);
const main = h('main', {}, ...nodes(above), h('div.beside', {}, ...nodes(beside)), ...nodes(below));
const footer = h('footer', {}, h('nav', {'aria-label': 'More'}, ...Object.entries(LINKS).map(
    ([path, name]) => h('a', {href: path}, name))));
document.body.append(top.node, top.alerts, main, footer);

function onReport(metrics, health) {
  lastNews = performance.now();
  failure = null;
  top.update(metrics, health);
  for (const one of sections) one.update(metrics, health);
  document.body.dataset.ready = 'yes';
  showState();
}

function onFailure(reason) {
  failure = reason;
  showState();
}

function showState() {
  const age = lastNews === null ? null : (performance.now() - lastNews) / 1000;
  const name = poller.paused ? 'paused' : failure !== null ? 'silent' : age === null ? 'asking' : 'live';
  top.showState(name, age, failure);
  document.body.classList.toggle('stale', name === 'silent' && (age === null || age > STALE_S));
}

setInterval(showState, 1000);
poller.pause(false);
