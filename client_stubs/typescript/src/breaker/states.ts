import type { WatchResponse } from "../gen/outrigger/breaker/v1/breaker.js";
import { State as WireState } from "../gen/outrigger/breaker/v1/breaker.js";
import { toMsOrZero } from "../core/durations.js";

/** A breaker's state. */
export type State = "CLOSED" | "OPEN" | "HALF_OPEN" | "FORCED_OPEN" | "FORCED_CLOSED" | "METRICS_ONLY";

/** The protobuf's state by name; one that this library does not know is HALF_OPEN: ask the sidecar. */
export function stateOf(state: WireState): State {
  const name = WireState[state];
  return name === undefined || name === "STATE_UNSPECIFIED" || name === "UNRECOGNIZED" ? "HALF_OPEN" : (name as State);
}

/** What the watch told of one breaker, or of one method. */
export interface Told {
  readonly state: State;
  readonly generation: bigint;
  /** The share of calls that may pass, 0 to 1. */
  readonly admitRatio: number;
  /** Not to be used from then on; on performance.now()'s clock. */
  readonly validUntil: number;
  /** When it half opens, on the same clock. */
  readonly retryAt: number;
}

/** What the watch told of one breaker and its methods. */
export class BreakerStates {
  private whole: Told | undefined;
  private readonly methods = new Map<string, Told>();

  hear(response: WatchResponse, now: number): void {
    const told: Told = {
      state: stateOf(response.state),
      generation: response.generation,
      admitRatio: response.admitRatio,
      validUntil: now + toMsOrZero(response.validFor),
      retryAt: now + toMsOrZero(response.retryAfter),
    };
    if (response.method === "") this.whole = told;
    else this.methods.set(response.method, told);
  }

  /** Nothing that was told is valid any more. */
  forget(): void {
    this.whole = undefined;
    this.methods.clear();
  }

  /** What decides a call of this method (empty: of none); undefined: nothing that is valid. */
  find(method: string, now: number): Told | undefined {
    const told = method === "" || this.methods.size === 0 ? this.whole : this.methods.get(method);
    return told !== undefined && now < told.validUntil ? told : undefined;
  }
}
