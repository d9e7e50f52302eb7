import type { AllowResponse, LimitStatus as WireStatus } from "../gen/outrigger/ratelimit/v1/rate_limiter.js";
import { toMs, toMsOrZero } from "../core/durations.js";
import type { Source } from "../core/sidecar.js";

/** Who and what a request is for, e.g. `{ user: "42", route: "/checkout" }`. At most 64; values at most 1,024 bytes. */
export type Attributes = Readonly<Record<string, string>>;

/** One limit's part in a decision. */
export interface LimitStatus {
  /** The limit's configured name. */
  readonly limit: string;
  /** Whether this limit would have admitted the request. */
  readonly allowed: boolean;
  /** Tokens left after the decision. */
  readonly remaining: number;
  /** The limit's burst in tokens. */
  readonly burst: number;
  /** The rate's period, milliseconds: at most `burst` in each. */
  readonly windowMs: number;
  /** Time until the limit is full again, milliseconds. */
  readonly resetAfterMs: number;
  /** Denied: the soonest that it could be admitted, milliseconds. Undefined: never, or it was admitted. */
  readonly retryAfterMs: number | undefined;
  /** The limit only watches: its denials do not deny. */
  readonly shadow: boolean;
  /** The request is exempt from this limit. */
  readonly unlimited: boolean;
}

/** Whether a request may proceed, and if not, when. */
export interface Decision {
  readonly allowed: boolean;
  /** The limit that decided. Empty: none applied, or a fallback decided. */
  readonly limit: string;
  /** Tokens that this limit has left. 0 if none applied, or a fallback decided. */
  readonly remaining: number;
  /** Time until that limit is full again, milliseconds. */
  readonly resetAfterMs: number;
  /** Denied: the soonest that the same could be admitted, milliseconds. Undefined: never, or it was admitted. */
  readonly retryAfterMs: number | undefined;
  /** How long the call waited for tokens, milliseconds. */
  readonly waitedMs: number;
  /** The sidecar decided without its fleet, whose store is out of reach. */
  readonly degraded: boolean;
  /** One for each limit that applied, if `detail` was asked for. */
  readonly statuses: readonly LimitStatus[];
  /** `fallback`: the sidecar did not answer, and the client's policy decided. */
  readonly source: Source;
}

/** The sidecar's answer. */
export function decisionOf(answer: AllowResponse): Decision {
  return {
    allowed: answer.allowed,
    limit: answer.limit,
    remaining: Number(answer.remaining),
    resetAfterMs: toMsOrZero(answer.resetAfter),
    retryAfterMs: answer.retryAfter === undefined ? undefined : toMs(answer.retryAfter),
    waitedMs: toMsOrZero(answer.waited),
    degraded: answer.degraded,
    statuses: answer.statuses.map(statusOf),
    source: "sidecar",
  };
}

function statusOf(status: WireStatus): LimitStatus {
  return {
    limit: status.limit,
    allowed: status.allowed,
    remaining: Number(status.remaining),
    burst: Number(status.burst),
    windowMs: toMsOrZero(status.window),
    resetAfterMs: toMsOrZero(status.resetAfter),
    retryAfterMs: status.retryAfter === undefined ? undefined : toMs(status.retryAfter),
    shadow: status.shadow,
    unlimited: status.unlimited,
  };
}

/** A policy's answer. */
export function fallbackDecision(allowed: boolean, retryAfterMs?: number): Decision {
  return {
    allowed,
    limit: "",
    remaining: 0,
    resetAfterMs: 0,
    retryAfterMs,
    waitedMs: 0,
    degraded: false,
    statuses: [],
    source: "fallback",
  };
}
