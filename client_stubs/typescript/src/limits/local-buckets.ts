import { clockMs } from "../core/clock.js";
import { fallbackDecision, type Attributes, type Decision } from "./decision.js";

const MOST_BUCKETS = 10_000;

interface Bucket {
  tokens: number;
  asOf: number; // when `tokens` was exact, in milliseconds
}

/**
 * Token buckets of this process alone, one for each set of attributes: what limits while the sidecar is gone. At most
 * 10,000; the least recently used are forgotten, and are full when they come back.
 */
export class LocalBuckets {
  private readonly buckets = new Map<string, Bucket>(); // the least recently used first
  private readonly perMs: number;
  private readonly burst: number;
  private readonly now: () => number;

  /** `ratePerSecond` tokens return each second, up to `burst`; `now` tells milliseconds that never go back. */
  constructor(ratePerSecond: number, burst: number, now: () => number = clockMs) {
    this.perMs = ratePerSecond / 1000;
    this.burst = burst;
    this.now = now;
  }

  get size(): number {
    return this.buckets.size;
  }

  /** Takes all of `cost` or nothing; 0 asks whether 1 would be admitted. */
  take(attributes: Attributes, cost: number): Decision {
    const bucket = this.bucketOf(attributes);
    const wanted = cost === 0 ? 1 : cost;
    if (bucket.tokens >= wanted) {
      bucket.tokens -= cost;
      return fallbackDecision(true);
    }
    const never = wanted > this.burst || this.perMs === 0;
    return fallbackDecision(false, never ? undefined : (wanted - bucket.tokens) / this.perMs);
  }

  private bucketOf(attributes: Attributes): Bucket {
    const key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    const now = this.now();
    const found = this.buckets.get(key);
    if (found === undefined) {
      this.forgetOne();
      const bucket = { tokens: this.burst, asOf: now };
      this.buckets.set(key, bucket);
      return bucket;
    }
    found.tokens = Math.min(this.burst, found.tokens + (now - found.asOf) * this.perMs);
    found.asOf = now;
    this.buckets.delete(key); // to the end: the most recently used
    this.buckets.set(key, found);
    return found;
  }

  private forgetOne(): void {
    if (this.buckets.size < MOST_BUCKETS) return;
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
  }
}
