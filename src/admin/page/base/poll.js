// Asks the sidecar how it is, once a second while somebody looks.
//
// One round asks for both documents. The next round begins a second after the
// last one ended, so a slow sidecar is asked less often. Nothing is asked while
// the tab is hidden or the page is paused.

import {readHealth, readMetrics} from './report.js';

const INTERVAL_MS = 1000;
const TIMEOUT_MS = 4000;

async function get(path) {
  const reply = await fetch(path, {cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS)});
  if (!reply.ok) throw new Error(`it answers ${path} with HTTP status ${reply.status}`);
  return reply.json();
}

// Why a round failed: a sentence without its end.
function reasonOf(error) {
  if (error instanceof SyntaxError) return 'its answer cannot be read';
  if (error.name === 'TimeoutError') return `it did not answer within ${TIMEOUT_MS / 1000} s`;
  if (error instanceof TypeError) return 'it does not answer';
  return error.message;
}

export class Poller {
  #onReport;
  #onFailure;
  #timer = null;
  #asking = false;
  #paused = false;

  // Asks nothing until pause(false). Calls onReport(metrics, health or null)
  // after each good round, onFailure(reason) after each other.
  constructor(onReport, onFailure) {
    this.#onReport = onReport;
    this.#onFailure = onFailure;
    document.addEventListener('visibilitychange', () => this.#resume());
  }

  get paused() {
    return this.#paused;
  }

  pause(yes) {
    this.#paused = yes;
    this.#resume();
  }

  #resume() {
    clearTimeout(this.#timer);
    if (!this.#paused && !document.hidden && !this.#asking) this.#round();
  }

  async #round() {
    this.#asking = true;
    try {
      const [metrics, health] = await Promise.all([
        get('/performance/metrics').then(readMetrics),
        get('/performance/health').then(readHealth, () => null),
      ]);
      this.#onReport(metrics, health);
    } catch (error) {
      this.#onFailure(reasonOf(error));
    }
    this.#asking = false;
    if (!this.#paused && !document.hidden) {
      this.#timer = setTimeout(() => this.#round(), INTERVAL_MS);
    }
  }
}
