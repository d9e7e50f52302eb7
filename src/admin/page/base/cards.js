// A section of cards, one for each cache, breaker or pool.

import {h, KeyedList, section} from './dom.js';

// More cards than this have the page's whole width.
const FEW = 6;

// `id` is the list's name in the report; `make(item)` gives {node, update(item,
// metrics)}, and close() if it has a chart.
export function cards(id, title, make) {
  const box = h('div.cards');
  const list = new KeyedList(box, ({item}) => item.name, ({item}) => {
    const {node, update, close} = make(item);
    return {node, update: ({item: latest, metrics}) => update(latest, metrics), close};
  });
  const node = section(id, title, box);
  return {
    node,
    update(metrics) {
      const items = metrics[id];
      node.hidden = items.length === 0;
      node.classList.toggle('wide', items.length > FEW);
      list.show(items.map((item) => ({item, metrics})));
    },
  };
}
