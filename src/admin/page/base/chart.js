// A chart of the last minutes, newest at the right: lines, or areas that stand
// on each other. It draws itself only while it is on the screen.

import {h, svg} from './dom.js';
import {ago} from './format.js';
import {lookAt, lookedAt, offLook, onLook} from './hover.js';
import {areaPath, linePath, niceCeiling, stacked} from './plot.js';

const AXIS_WIDTH = 50;
const charts = new WeakMap();
const sizes = new ResizeObserver((entries) => {
  for (const entry of entries) charts.get(entry.target)?.resized(entry.contentRect);
});
const sight = new IntersectionObserver((entries) => {
  for (const entry of entries) charts.get(entry.target)?.seen(entry.isIntersecting);
}, {rootMargin: '200px'});

export class Chart {
  #series;
  #options;
  #width = 0;
  #height = 0;
  #visible = false;
  #data = null;
  #max = 1;
  #grid = svg('g', {class: 'grid'});
  #marks = svg('g', {});
  #cross = svg('line', {class: 'cross', visibility: 'hidden'});
  #listener = () => this.#look();

  // `series`: [{name, tone, area}], drawn in this order; `tone` is a class of
  // page.css. Options: label (for those who cannot see it), points (how many
  // there are from edge to edge), least (the scale's top is never below it),
  // axis (a formatter: the chart has a grid with numbers), keys (can be walked
  // with the arrow keys), onLook(values, when): the values at the moment looked
  // at, or the latest and '' when there is none.
  constructor(series, options) {
    this.#series = series.map((one) => ({...one, area: one.area ? svg('path', {
      class: `area ${one.tone}`}) : null, line: svg('path', {class: `line ${one.tone}`})}));
    this.#options = options;
    for (const one of this.#series) this.#marks.append(...[one.area, one.line].filter(Boolean));
    this.svg = svg('svg', {class: 'plot', role: 'img', 'aria-label': options.label},
                   this.#grid, this.#marks, this.#cross);
    this.node = h(options.axis ? 'div.chart.tall' : 'div.chart', {}, this.svg);
    if (options.keys) {
      this.svg.setAttribute('tabindex', '0');
      this.svg.addEventListener('keydown', (event) => this.#walk(event));
      this.svg.addEventListener('blur', () => lookAt(null));
    }
    this.svg.addEventListener('pointermove', (event) => this.#point(event));
    this.svg.addEventListener('pointerleave', () => lookAt(null));
    charts.set(this.node, this);
    sizes.observe(this.node);
    sight.observe(this.node);
    onLook(this.#listener);
  }

  // `values`: one array for each series, oldest first; `step` in seconds.
  update(values, step) {
    this.#data = {values, step};
    this.#draw();
  }

  // For a chart that will not be shown again.
  close() {
    sizes.unobserve(this.node);
    sight.unobserve(this.node);
    offLook(this.#listener);
  }

  resized({width, height}) {
    this.#width = width;
    this.#height = height;
    this.#draw();
  }

  seen(yes) {
    this.#visible = yes;
    this.#draw();
  }

  get #span() {
    return (this.#options.points - 1) * this.#data.step;
  }

  #x(age) {
    return this.#width - (this.#width - this.#left) * age / this.#span;
  }

  // Where the plot begins, in pixels from the chart's edge.
  get #left() {
    return this.#options.axis ? AXIS_WIDTH : 0;
  }

  #draw() {
    if (!this.#visible || !this.#data || !this.#width) return;
    const {values, step} = this.#data;
    const areas = this.#series.some((one) => one.area);
    const layers = areas ? stacked(values) : values.map((one) => ({tops: one, edges: one}));
    const tops = layers.flatMap((layer) => layer.tops).filter((value) => value !== null);
    this.#max = niceCeiling(Math.max(this.#options.least ?? 0, ...tops));
    const top = this.#options.axis ? 8 : 2;
    const bottom = this.#height - (this.#options.axis ? 16 : 1);
    const y = (value) => bottom - (bottom - top) * (value / this.#max);
    layers.forEach((layer, k) => {
      const length = layer.tops.length;
      const x = (i) => this.#x((length - 1 - i) * step);
      const one = this.#series[k];
      one.line.setAttribute('d', linePath(layer.edges, x, y));
      one.area?.setAttribute('d', areaPath(layer.tops, layer.bottoms, x, y));
    });
    if (this.#options.axis) this.#drawGrid(y);
    this.#look();
  }

  #drawGrid(y) {
    const parts = [];
    for (const value of [0, this.#max / 2, this.#max]) {
      parts.push(svg('line', {x1: this.#left, x2: this.#width, y1: y(value), y2: y(value)}));
      parts.push(svg('text', {x: this.#left - 6, y: y(value) + 4, 'text-anchor': 'end'},
                      value ? this.#options.axis(value) : '0'));
    }
    const minutes = Math.round(this.#span / 60);
    for (let m = 0; m <= minutes; ++m) {
      const side = m === 0 ? 'end' : m === minutes ? 'start' : 'middle';
      if (this.#width < 420 && ![0, minutes >> 1, minutes].includes(m)) continue;
      parts.push(svg('text', {x: this.#x(Math.min(m * 60, this.#span)), y: this.#height - 2,
                               'text-anchor': side}, m === 0 ? 'now' : `−${m}\u00a0min`));
    }
    this.#grid.replaceChildren(...parts);
  }

  // The line under the pointer, and the values there.
  #look() {
    if (!this.#data || !this.#visible) return;
    const age = lookedAt();
    const {values, step} = this.#data;
    const inside = age !== null && age <= this.#span;
    this.#cross.setAttribute('visibility', inside ? 'visible' : 'hidden');
    if (inside) {
      const x = this.#x(age);
      for (const [name, value] of [['x1', x], ['x2', x], ['y1', 0], ['y2', this.#height]]) {
        this.#cross.setAttribute(name, value);
      }
    }
    const back = inside ? Math.round(age / step) : 0;
    this.#options.onLook?.(values.map((one) => one[one.length - 1 - back] ?? null),
                           inside ? ago(age) : '');
  }

  #point(event) {
    if (!this.#data) return;
    const box = this.svg.getBoundingClientRect();
    const age = this.#span * (box.right - event.clientX) / (box.width - this.#left);
    const {step} = this.#data;
    lookAt(Math.max(0, Math.round(age / step) * step));
  }

  #walk(event) {
    const step = (this.#data?.step ?? 1) * (event.shiftKey ? 10 : 1);
    const moves = {ArrowLeft: step, ArrowRight: -step};
    if (event.key === 'Escape') lookAt(null);
    if (!(event.key in moves) || !this.#data) return;
    event.preventDefault();
    const age = (lookedAt() ?? 0) + moves[event.key];
    lookAt(Math.min(this.#span, Math.max(0, age)));
  }
}
