// What to do next, for a sidecar that has nothing to show yet.

import {h, put} from '../base/dom.js';

const SAMPLE = [
  'limits:',
  '- name: per_user',
  '  key: [user]',
  '  rate: 100/1m',
  '  burst: 20',
].join('\n');

function step(title, text, code) {
  const node = h('article.step', {}, h('h3', {}, title), h('p', {}, text),
      h('pre', {tabindex: '0', 'aria-label': 'What to type'}, h('code', {}, code)));
  node.hidden = true;
  return node;
}

export function guide() {
  const limit = step('There are no limits yet', 
      'Without one every Allow is answered “allowed”. Put one into the configuration file, for example ' +
      'one for each user. A running sidecar reads the file again by itself.', SAMPLE);
  const call = step('', 'Ask it once from a shell in the pod, and look here again:',
                    'outrigger allow user=42');
  const node = h('section.guide', {'aria-label': 'First steps'}, limit, call);
  return {
    node,
    update(metrics) {
      const called = metrics.totals('rpc_rate').some((value) => value > 0);
      limit.hidden = metrics.limits.length > 0;
      call.hidden = called;
      put(call.firstChild, metrics.uptime > 300 ? 'No calls in the last five minutes' :
          'Nobody has called yet');
      node.hidden = limit.hidden && call.hidden;
    },
  };
}
