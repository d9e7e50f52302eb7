import { clockMs } from "../core/clock.js";
import type { Source } from "../core/sidecar.js";
import { knownResult, type Result } from "./classify.js";
import type { Reason, State } from "./states.js";

/** What a denial says. */
export interface Denial {
  readonly breaker: string;
  /** Empty: none. */
  readonly method: string;
  readonly state: State;
  readonly reason: Reason;
  /** When it may be worth asking again, milliseconds; 0: not known. */
  readonly retryAfterMs: number;
  readonly message: string;
  /** `fallback`: the sidecar did not answer, and the client's policy decided. */
  readonly source: Source;
}

/** The breaker does not let this call pass. */
export class BreakerOpenError extends Error implements Denial {
  override readonly name = "BreakerOpenError";
  readonly breaker: string;
  readonly method: string;
  readonly state: State;
  readonly reason: Reason;
  readonly retryAfterMs: number;
  readonly source: Source;

  constructor(denial: Denial) {
    super(denial.message);
    this.breaker = denial.breaker;
    this.method = denial.method;
    this.state = denial.state;
    this.reason = denial.reason;
    this.retryAfterMs = denial.retryAfterMs;
    this.source = denial.source;
  }
}

/** Where a permit's outcome goes. */
export interface OutcomeSink {
  end(permit: Permit, result: Result, durationMs: number): void;
}

/** One call that may be made. End it when the call has ended: a probe that is not ended has failed. */
export class Permit {
  readonly breaker: string;
  readonly method: string;
  readonly state: State;
  readonly source: Source;
  /** Grows with each change of state; 0n for a fallback's. */
  readonly generation: bigint;
  /** Names this call for the sidecar; 0n: it was decided in the process. */
  readonly permit: bigint;
  /** This call shows whether the service is well again. */
  readonly probe: boolean;
  private readonly beganAt: number;
  private readonly sink: OutcomeSink;
  private ended = false;

  /** @internal */
  constructor(
    sink: OutcomeSink,
    breaker: string,
    method: string,
    state: State,
    source: Source,
    generation: bigint,
    permit: bigint,
    probe: boolean,
    beganAt: number,
  ) {
    this.sink = sink;
    this.breaker = breaker;
    this.method = method;
    this.state = state;
    this.source = source;
    this.generation = generation;
    this.permit = permit;
    this.probe = probe;
    this.beganAt = beganAt;
  }

  /** How the call went; what is no result is a failure. Only the first time counts. */
  end(result: Result): void {
    if (this.ended) return;
    this.ended = true;
    this.sink.end(this, knownResult(result, "failure"), clockMs() - this.beganAt);
  }
}
