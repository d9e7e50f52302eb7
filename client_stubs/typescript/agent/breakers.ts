import { BreakerOpenError, type Outrigger, type Permit, type Result } from "../src/index.js";
import { given, type Args } from "./agent.js";
import type { Holds } from "./loads.js";

/** The ops of breakers. */
export class Breakers {
  private readonly client: () => Outrigger;
  private readonly holds: Holds;

  constructor(client: () => Outrigger, holds: Holds) {
    this.client = client;
    this.holds = holds;
  }

  readonly ops = {
    breaker_call: (args: Args) => this.call(args),
    breaker_state: ({ breaker, method }: Args) => {
      const known = this.client().breaker(breaker).knownState(method);
      return known === undefined
        ? { known: false }
        : { known: true, state: known.state, admit_ratio: known.admitRatio, generation: String(known.generation) };
    },
  };

  private async call({ breaker, method, result = "success", hold }: Args): Promise<unknown> {
    let permit: Permit;
    try {
      permit = await this.client().breaker(breaker).acquire(given({ method }));
    } catch (error) {
      if (!(error instanceof BreakerOpenError)) throw error;
      const { state, reason, retryAfterMs, source } = error;
      return { allowed: false, state, reason, retry_after_ms: retryAfterMs, source };
    }
    await this.holds.wait(hold);
    permit.end(result as Result);
    return { allowed: true, source: permit.source };
  }
}
