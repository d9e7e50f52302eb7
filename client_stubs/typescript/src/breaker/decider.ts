import type { AcquireResponse } from "../gen/outrigger/breaker/v1/breaker.js";
import { clockMs } from "../core/clock.js";
import { fromOptionalMs, toMsOrZero } from "../core/durations.js";
import { checkNumber } from "../core/errors.js";
import type { Sidecar } from "../core/sidecar.js";
import type { PartStats, Stats } from "../core/stats.js";
import type { Result } from "./classify.js";
import { LocalRecords } from "./local-records.js";
import { Outcomes } from "./outcomes.js";
import { BreakerOpenError, Permit, type Denial, type OutcomeSink } from "./permit.js";
import { reasonOf, stateOf, type BreakerStates, type Told } from "./states.js";
import { Watch } from "./watch.js";

/** What decides when the sidecar does not answer. */
export interface BreakerPolicy {
  /** `local` (the default): this process' own record; `allow`; `deny`. */
  onUnavailable?: "local" | "allow" | "deny";
  /** `local`: opens after so many failures in a row, 1 or more. Unset: 5. */
  failures?: number;
  /** `local`: for so long, milliseconds. Unset: 10 s. */
  openForMs?: number;
}

/** Decides for all breakers of a client, and reports for them. */
export class Decider implements OutcomeSink {
  private readonly sidecar: Sidecar;
  private readonly stats: PartStats;
  private readonly policy: BreakerPolicy;
  private readonly watch: Watch;
  private readonly outcomes: Outcomes;
  private readonly local: LocalRecords;

  constructor(sidecar: Sidecar, stats: Stats, policy: BreakerPolicy) {
    this.sidecar = sidecar;
    this.stats = stats.breaker;
    this.policy = policy;
    this.watch = new Watch(sidecar);
    this.outcomes = new Outcomes(sidecar, stats);
    this.local = new LocalRecords({
      failures: checkNumber("breaker.failures", policy.failures ?? 5, 1, Number.MAX_SAFE_INTEGER),
      openForMs: checkNumber("breaker.openForMs", policy.openForMs ?? 10_000, 0, Number.MAX_SAFE_INTEGER),
    });
  }

  /** What the watch tells of a breaker, once it is open. */
  statesOf(breaker: string): BreakerStates {
    return this.watch.of(breaker);
  }

  /** Opens the watch, unless it is open. */
  startWatch(): void {
    this.watch.start();
  }

  /** By what the watch told; undefined if the sidecar must be asked. */
  decide(breaker: string, states: BreakerStates, method: string): Permit | BreakerOpenError | undefined {
    this.sidecar.checkOpen();
    const now = clockMs();
    const told = states.find(method, now);
    if (told === undefined || told.state === "HALF_OPEN") return undefined;
    this.stats.calls++;
    const { state, generation, admitRatio } = told;
    if (state === "OPEN" || state === "FORCED_OPEN" || (admitRatio < 1 && Math.random() >= admitRatio)) {
      return new BreakerOpenError(denialTold(told, breaker, method, now));
    }
    return new Permit(this, breaker, method, state, "sidecar", generation, 0n, false, now);
  }

  /** By the sidecar, or by the policy if that does not answer. */
  async ask(
    breaker: string,
    method: string,
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Permit | BreakerOpenError> {
    this.stats.calls++;
    this.watch.start();
    const request = {
      breaker,
      method,
      timeout: fromOptionalMs("timeoutMs", timeoutMs),
      session: this.watch.session,
    };
    const client = this.sidecar.breaker;
    const late = (answer: AcquireResponse): void => {
      if (answer.allowed && answer.permit !== 0n) this.permitIn(answer, breaker, method).end("ignored");
    };
    const answer = await this.sidecar.ask(client, client.acquire, request, { signal, late });
    if (answer === undefined) return this.fallback(breaker, method);
    this.watch.of(breaker).learn(method, answer.generation);
    if (!answer.allowed) return new BreakerOpenError(denialIn(answer, breaker, method));
    return this.permitIn(answer, breaker, method);
  }

  /** From a permit. A fallback's outcomes are this process' own. */
  end(permit: Permit, result: Result, durationMs: number): void {
    if (permit.source === "fallback") {
      this.local.end(keyOf(permit.breaker, permit.method), result, permit.probe);
    } else if (!this.sidecar.closed) {
      this.outcomes.add(permit, result, durationMs);
    }
  }

  /** Outcomes that wait to be reported. */
  get pending(): number {
    return this.outcomes.pending;
  }

  /** Resolves when all outcomes so far have been reported or given up. */
  flush(): Promise<void> {
    return this.outcomes.flush();
  }

  /** Ends the watch. */
  close(): void {
    this.watch.close();
  }

  private permitIn({ state, generation, permit, probe }: AcquireResponse, breaker: string, method: string): Permit {
    return new Permit(this, breaker, method, stateOf(state), "sidecar", generation, permit, probe, clockMs());
  }

  private fallback(breaker: string, method: string): Permit | BreakerOpenError {
    this.stats.fallbacks++;
    const denial = { breaker, method, source: "fallback" as const, reason: "UNSPECIFIED" as const };
    if (this.policy.onUnavailable === "deny") {
      const message = `breaker ${breaker}: the sidecar does not answer`;
      return new BreakerOpenError({ ...denial, state: "OPEN", retryAfterMs: 1000, message });
    }
    const verdict = this.policy.onUnavailable === "allow" ? undefined : this.local.begin(keyOf(breaker, method));
    if (verdict !== undefined && verdict.deniedForMs > 0) {
      const message = `breaker ${breaker} is open: calls of this process failed in a row`;
      const retryAfterMs = verdict.deniedForMs;
      return new BreakerOpenError({ ...denial, state: "OPEN", reason: "CONSECUTIVE_FAILURES", retryAfterMs, message });
    }
    const probe = verdict?.probe ?? false;
    const state = probe ? "HALF_OPEN" : "CLOSED";
    return new Permit(this, breaker, method, state, "fallback", 0n, 0n, probe, clockMs());
  }
}

function denialTold({ state, reason, message, retryAt }: Told, breaker: string, method: string, now: number): Denial {
  const retryAfterMs = Math.max(0, retryAt - now);
  return { breaker, method, state, reason, retryAfterMs, message: `breaker ${breaker}: ${message}`, source: "sidecar" };
}

function denialIn(answer: AcquireResponse, breaker: string, method: string): Denial {
  return {
    breaker,
    method,
    state: stateOf(answer.state),
    reason: reasonOf(answer.reason),
    retryAfterMs: toMsOrZero(answer.retryAfter),
    message: `breaker ${breaker}: ${answer.message}`,
    source: "sidecar",
  };
}

function keyOf(breaker: string, method: string): string {
  return method === "" ? breaker : `${breaker}\n${method}`;
}
