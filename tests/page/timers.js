// Put into a page before its own script: knows the timeouts that wait, so that a
// test can tell that nothing more will happen, and makes them five times shorter,
// so that it need not wait long for what will.
window.waiting = new Map();
const {setTimeout: begin, clearTimeout: end} = window;
window.setTimeout = (callback, ms, ...rest) => {
  const id = begin(() => {
    window.waiting.delete(id);
    callback(...rest);
  }, ms / 5);
  window.waiting.set(id, ms);
  return id;
};
window.clearTimeout = (id) => {
  window.waiting.delete(id);
  end(id);
};
