import type { Source } from "../core/sidecar.js";

/** Why there is no slot. */
export type PoolReason = "UNSPECIFIED" | "TIMEOUT" | "NO_ENDPOINT" | "STORE_UNAVAILABLE" | "LEARNING" | "QUEUE_FULL";

/** What to do without one: ask again after `retryAfterMs`; or do without, which is quicker. */
export type Advice = "RETRY" | "FALL_BACK";

/** What a refusal says. */
export interface Refusal {
  readonly pool: string;
  readonly reason: PoolReason;
  readonly advice: Advice;
  /** When it may be worth asking again, milliseconds; 0: not known. */
  readonly retryAfterMs: number;
  /** `fallback`: the sidecar did not answer, and the client's policy decided. */
  readonly source: Source;
}

/** There is no slot for this caller. */
export class NotAcquiredError extends Error implements Refusal {
  override readonly name = "NotAcquiredError";
  readonly pool: string;
  readonly reason: PoolReason;
  readonly advice: Advice;
  readonly retryAfterMs: number;
  readonly source: Source;

  constructor(message: string, refusal: Refusal) {
    super(message);
    this.pool = refusal.pool;
    this.reason = refusal.reason;
    this.advice = refusal.advice;
    this.retryAfterMs = refusal.retryAfterMs;
    this.source = refusal.source;
  }
}
