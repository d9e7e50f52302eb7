import { Reason as WireReason, State as WireState, type WatchResponse } from "../gen/outrigger/breaker/v1/breaker.js";
import { toMsOrZero } from "../core/durations.js";

/** A breaker's state. */
export type State = "CLOSED" | "OPEN" | "HALF_OPEN" | "FORCED_OPEN" | "FORCED_CLOSED" | "METRICS_ONLY";

/** The protobuf's state by name; one that this library does not know is HALF_OPEN: ask the sidecar. */
export function stateOf(state: WireState): State {
  const name = WireState[state];
  return name === undefined || name === "STATE_UNSPECIFIED" || name === "UNRECOGNIZED" ? "HALF_OPEN" : (name as State);
}

/** Why a call was denied; UNSPECIFIED: that was not told. */
export type Reason =
  | "UNSPECIFIED"
  | "CONSECUTIVE_FAILURES"
  | "FAILURE_RATE"
  | "SLOW_CALL_RATE"
  | "PROBES_IN_USE"
  | "RECOVERING"
  | "FORCED"
  | "PROBE_FAILED";

/** The protobuf's reason by name. */
export function reasonOf(reason: WireReason): Reason {
  const name = WireReason[reason];
  return name === undefined || name === "REASON_UNSPECIFIED" || name === "UNRECOGNIZED" ? "UNSPECIFIED" : (name as Reason);
}

/** What the watch told of one breaker, or of one method. */
export interface Told {
  readonly state: State;
  readonly generation: bigint;
  /** The share of calls that may pass, 0 to 1. */
  readonly admitRatio: number;
  /** Not to be used from then on; on clockMs. */
  readonly validUntil: number;
  /** When it half opens, or is worth asking again, on the same clock. */
  readonly retryAt: number;
  /** Why calls are denied, while some are; the same for people. */
  readonly reason: Reason;
  readonly message: string;
}

const MOST_LEARNED = 1000; // methods of one breaker

/** What the watch told of one breaker and its methods. */
export class BreakerStates {
  private whole: Told | undefined;
  private readonly methods = new Map<string, Told>();
  private readonly learned = new Map<string, bigint>(); // generations that Acquire answered for methods

  hear(response: WatchResponse, now: number): void {
    const told: Told = {
      state: stateOf(response.state),
      generation: response.generation,
      admitRatio: response.admitRatio,
      validUntil: now + toMsOrZero(response.validFor),
      retryAt: now + toMsOrZero(response.retryAfter),
      reason: reasonOf(response.reason),
      message: response.message,
    };
    if (response.method === "") this.whole = told;
    else this.methods.set(response.method, told);
  }

  /** What Acquire answered for a method: only with the breaker's own generation is it decided by the breaker's state. */
  learn(method: string, generation: bigint): void {
    if (method === "" || (this.learned.size >= MOST_LEARNED && !this.learned.has(method))) return;
    this.learned.set(method, generation);
  }

  /** Nothing that was told is valid any more. */
  forget(): void {
    this.whole = undefined;
    this.methods.clear();
    this.learned.clear();
  }

  /** What decides a call of this method (empty: of none); undefined: the sidecar must be asked. */
  find(method: string, now: number): Told | undefined {
    const told = this.of(method);
    if (told === undefined || now >= told.validUntil) return undefined;
    return told.state === "OPEN" && now >= told.retryAt ? undefined : told; // probes can be had now
  }

  private of(method: string): Told | undefined {
    if (method === "") return this.whole;
    const own = this.methods.get(method);
    if (own !== undefined) return own;
    const learned = this.learned.get(method);
    return learned !== undefined && this.whole?.generation === learned ? this.whole : undefined;
  }
}
