// Elements, made and changed. Text goes in as text, never as markup, so that
// no name from a configuration can become part of the page.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

// An HTML element: h('p.big.loud', {title: '…'}, 'text', child, …).
export function h(spec, attributes = {}, ...children) {
  const [tag, ...classes] = spec.split('.');
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  return fill(node, attributes, children);
}

// The same for SVG.
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// Sets a node's text. What has not changed is not touched: the page is drawn
// anew each second, and most of it stays.
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Sets an attribute, or removes it when `value` is null.
export function attr(node, name, value) {
  if (value === null) {
    node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, value);
  }
}

// A list whose nodes stay with their items. `make(item)` gives
// {node, update(item), close()}: update() is called each time that show() is,
// close(), where there is one, when the item is gone.
export class KeyedList {
  #parent;
  #key;
  #make;
  #entries = new Map();

  constructor(parent, key, make) {
    this.#parent = parent;
    this.#key = key;
    this.#make = make;
  }

  show(items) {
    const left = new Map(this.#entries);
    let place = this.#parent.firstElementChild;
    for (const item of items) {
      const key = this.#key(item);
      let entry = this.#entries.get(key);
      if (!entry) {
        entry = this.#make(item);
        this.#entries.set(key, entry);
      }
      left.delete(key);
      entry.update(item);
      if (entry.node === place) {
        place = place.nextElementSibling;
      } else {
        this.#parent.insertBefore(entry.node, place);
      }
    }
    for (const [key, entry] of left) {
      entry.node.remove();
      entry.close?.();
      this.#entries.delete(key);
    }
  }
}

// A button under a list that is cut short until more is asked for. cut(items)
// gives those to show; `show` is called when that changes.
export function more(few, what, show) {
  const node = h('button.more', {type: 'button'});
  let all = false;
  node.addEventListener('click', () => {
    all = !all;
    show();
  });
  function cut(items) {
    node.hidden = items.length <= few;
    put(node, all ? `Show only ${few}` : `Show all ${items.length} ${what}`);
    return all ? items : items.slice(0, few);
  }
  return {node, cut};
}

// The heads of the columns of rows that have this class; the rows' own labels
// are seen where there is no room for columns.
export function heads(row, ...names) {
  return h(`div.${row}.heads`, {'aria-hidden': 'true'}, ...names.map((name) => h('span', {}, name)));
}

// A part of the page with its heading, hidden until show(true).
export function section(id, title, ...children) {
  const heading = h('h2', {id: `${id}-title`}, title);
  const node = h('section', {id, 'aria-labelledby': `${id}-title`}, heading, ...children);
  node.hidden = true;
  return node;
}
