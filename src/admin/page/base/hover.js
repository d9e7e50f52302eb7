// The moment that is looked at. Pointing at one chart shows the same moment in
// all of them: a rise in latency and the denials that came with it stand under
// one line.

let age = null;
const listeners = new Set();

// Seconds before now, or null when nothing is pointed at.
export function lookedAt() {
  return age;
}

export function lookAt(seconds) {
  if (seconds === age) return;
  age = seconds;
  for (const listener of listeners) listener(age);
}

// `listener(age)` is called at each change.
export function onLook(listener) {
  listeners.add(listener);
}
export function offLook(listener) {
  listeners.delete(listener);
}
