// Numbers as a person reads them: three figures, and a unit after a no-break
// space. Null, which is "not known", is a dash.

const GAP = '\u00a0';
const NONE = '–';

// At most three figures, and no more than two behind the point.
function figures(x) {
  const size = Math.abs(x);
  if (size === 0) return '0';
  if (size < 0.01) return x.toPrecision(1);
  const digits = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  return String(Number(x.toFixed(digits)));
}

function scaled(x, steps) {
  let [factor, unit] = steps[0];
  for (const step of steps) {
    if (Math.abs(x) >= step[0] * 0.9995) [factor, unit] = step;
  }
  return figures(x / factor) + (unit ? GAP + unit : '');
}

// 950, 1.2 k, 3.4 M.
export function count(x) {
  if (x === null) return NONE;
  if (Math.abs(x) < 0.001) return '0';
  return scaled(x, [[1, ''], [1e3, 'k'], [1e6, 'M'], [1e9, 'G']]);
}

// 12 /s, 1.2 k/s.
export function rate(x) {
  if (x === null) return NONE;
  const text = count(x);
  return text.includes(GAP) ? text + '/s' : text + GAP + '/s';
}

// Seconds in: 12 µs, 3.4 ms, 1.2 s, 5 min, 3.1 h, 2 d.
export function duration(s) {
  if (s === null) return NONE;
  if (s === 0) return '0' + GAP + 's';
  return scaled(s, [[1e-6, 'µs'], [1e-3, 'ms'], [1, 's'], [60, 'min'], [3600, 'h'],
                    [86400, 'd']]);
}

// A share from 0 to 1: 0 %, 0.03 %, 12.5 %.
export function percent(share) {
  if (share === null) return NONE;
  const x = share * 100;
  if (x > 0 && x < 0.01) return '<0.01' + GAP + '%';
  return figures(x) + GAP + '%';
}

export function bytes(x) {
  if (x === null) return NONE;
  return scaled(x, [[1, 'B'], [2 ** 10, 'KiB'], [2 ** 20, 'MiB'], [2 ** 30, 'GiB']]);
}

// 0.42 cores.
export function cores(x) {
  return x === null ? NONE : figures(x) + GAP + (x === 1 ? 'core' : 'cores');
}

// 12 s, 3 min, 5 h: what has passed, roughly, in one unit.
export function roughly(s) {
  const whole = Math.max(0, Math.round(s));
  if (whole < 120) return whole + GAP + 's';
  if (whole < 7200) return Math.round(whole / 60) + GAP + 'min';
  if (whole < 172800) return Math.round(whole / 3600) + GAP + 'h';
  return Math.round(whole / 86400) + GAP + 'd';
}

// "now", "12 s ago", "3 min ago".
export function ago(s) {
  return Math.round(s) <= 0 ? 'now' : `${roughly(s)} ago`;
}

// The number and its unit apart, for where they are set in two sizes.
export function split(text) {
  const [number, unit = ''] = text.split(GAP);
  return {number, unit};
}

// By a UCUM unit as the analyser's checks name it.
export function byUnit(x, unit) {
  if (x === null) return NONE;
  if (unit === 's') return duration(x);
  if (unit === 'By') return bytes(x);
  if (unit === '1') return percent(x);
  if (unit === '/s') return rate(x);
  if (unit === '×') return count(x) + GAP + unit;
  const plain = (unit || '').replace(/[{}]/g, '');
  return count(x) + (plain ? GAP + plain + (x === 1 ? '' : 's') : '');
}
