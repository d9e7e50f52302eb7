// Where the points of a chart lie: from values to the text of an SVG path.

// The next of 1, 1.2, 1.5, 2, 3, … 10, 12, … from `x` up: a scale that stays
// still while its values move.
export function niceCeiling(x) {
  if (!(x > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(x));
  const step = [1, 1.2, 1.5, 2, 3, 4, 5, 6, 8, 10].find((candidate) => candidate * power >= x * 0.9999);
  return step * power;
}

// Runs of points without a gap: [[from, to), …].
function runs(values) {
  const found = [];
  let from = -1;
  for (let i = 0; i <= values.length; ++i) {
    const there = i < values.length && values[i] !== null;
    if (there && from < 0) from = i;
    if (!there && from >= 0) {
      found.push([from, i]);
      from = -1;
    }
  }
  return found;
}

const point = (x, y) => `${x.toFixed(1)},${y.toFixed(1)}`;

// A line through `tops`, broken where they are null. A point alone is a dash.
export function linePath(tops, x, y) {
  let path = '';
  for (const [from, to] of runs(tops)) {
    path += `M${point(x(from), y(tops[from]))}`;
    if (to - from === 1) path += 'h1';
    for (let i = from + 1; i < to; ++i) path += `L${point(x(i), y(tops[i]))}`;
  }
  return path;
}

// What lies between `tops` and `bottoms`.
export function areaPath(tops, bottoms, x, y) {
  let path = '';
  for (const [from, to] of runs(tops)) {
    path += `M${point(x(from), y(bottoms[from]))}`;
    for (let i = from; i < to; ++i) path += `L${point(x(i), y(tops[i]))}`;
    for (let i = to - 1; i >= from; --i) path += `L${point(x(i), y(bottoms[i]))}`;
    path += 'Z';
  }
  return path;
}

// Tops and bottoms of series that stand on each other. Where a lower one is
// not known the upper one stands on the floor. `edges` are the tops where there
// is something under them: of a series that is 0 no line is drawn.
export function stacked(all) {
  const length = Math.max(0, ...all.map((values) => values.length));
  const floor = new Array(length).fill(0);
  return all.map((values, k) => {
    // A series that began later than the others lacks its oldest points.
    const missing = new Array(length - values.length).fill(null);
    const full = missing.concat(values);
    const bottoms = floor.slice();
    const tops = full.map((value, i) => (value === null ? null : (floor[i] += value)));
    const edges = tops.map((top, i) => (k && full[i] === 0 ? null : top));
    return {tops, bottoms, edges};
  });
}
