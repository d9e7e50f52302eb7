import { clockMs } from "../core/clock.js";
import { classifyError, tryClassify, type Classify, type Result } from "./classify.js";
import type { Decider } from "./decider.js";
import { BreakerOpenError, type Permit } from "./permit.js";
import type { BreakerStates, State } from "./states.js";

/** What a breaker may be told besides its name. */
export interface BreakerOptions {
  /** Tells from what a call threw how it ended. Unset: `classifyError`. */
  classify?: Classify;
}

/** What `acquire` may be told. */
export interface PermitOptions {
  /** Of the service, for breakers with per_method; at most 256 bytes. Unset: none. */
  method?: string;
  /** How long the call may take, milliseconds: a probe that is not ended by then has failed. Unset: the breaker's. */
  timeoutMs?: number;
  /** The caller's own end of patience, while the sidecar is asked: rejects with its reason. */
  signal?: AbortSignal;
}

/** What `call` may be told besides the function. */
export interface CallOptions<Value> extends PermitOptions {
  /** Answers instead when the breaker does not let the call pass. */
  fallback?: (denied: BreakerOpenError) => Value | Promise<Value>;
  /** Tells from what the call threw how it ended. Unset: the breaker's. */
  classify?: Classify;
  /** The same for what it returned, such as a Response with status 503. Unset: a success. */
  classifyValue?: (value: Value) => Result;
}

/** What the watch has told of a breaker, for people and tests. */
export interface KnownState {
  readonly state: State;
  readonly admitRatio: number;
  readonly generation: bigint;
}

/**
 * A circuit breaker. Made by `Outrigger.breaker`; as many calls at a time as you like.
 *
 * While it is closed or open a decision is made in the process; only probes, and calls before the watch has told
 * anything, ask the sidecar.
 */
export class Breaker {
  readonly name: string;
  private readonly decider: Decider;
  private readonly states: BreakerStates;
  private readonly classify: Classify;

  /** @internal */
  constructor(decider: Decider, name: string, options: BreakerOptions) {
    this.decider = decider;
    this.name = name;
    this.states = decider.statesOf(name);
    this.classify = options.classify ?? classifyError;
  }

  /**
   * Calls `work` if the breaker lets it, and reports how it went. Denied: the fallback's value, or BreakerOpenError. What
   * `work` throws is passed on.
   */
  async call<Value>(work: () => Value | Promise<Value>, options: CallOptions<Value> = {}): Promise<Value> {
    const verdict = this.tryAcquire(options.method) ?? (await this.ask(options));
    if (verdict instanceof BreakerOpenError) {
      if (options.fallback === undefined) throw verdict;
      return options.fallback(verdict);
    }
    let value: Value;
    try {
      value = await work();
    } catch (error) {
      verdict.end(tryClassify(options.classify ?? this.classify, error));
      throw error;
    }
    verdict.end(options.classifyValue === undefined ? "success" : tryClassify(options.classifyValue, value));
    return value;
  }

  /** Permission for one call, to be ended by the caller. Rejects with BreakerOpenError. */
  async acquire(options: PermitOptions = {}): Promise<Permit> {
    const verdict = this.tryAcquire(options.method) ?? (await this.ask(options));
    if (verdict instanceof BreakerOpenError) throw verdict;
    return verdict;
  }

  /** The same at once, by what the watch told. Undefined: it told nothing that is valid, so `acquire` must be awaited. */
  tryAcquire(method = ""): Permit | BreakerOpenError | undefined {
    return this.decider.decide(this.name, this.states, method);
  }

  /** What the watch has told, if it is valid. The first call begins the watch, and knows nothing yet. */
  knownState(method = ""): KnownState | undefined {
    this.decider.startWatch();
    const told = this.states.find(method, clockMs());
    return told && { state: told.state, admitRatio: told.admitRatio, generation: told.generation };
  }

  private ask({ method = "", timeoutMs, signal }: PermitOptions): Promise<Permit | BreakerOpenError> {
    return this.decider.ask(this.name, method, timeoutMs, signal);
  }
}
