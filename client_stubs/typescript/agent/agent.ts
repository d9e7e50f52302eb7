import { connect, type ConnectOptions, type Outrigger } from "../src/index.js";
import { Breakers } from "./breakers.js";
import { Caches } from "./caches.js";
import { Limits } from "./limits.js";
import { Holds } from "./loads.js";
import { cycleClients, Pools } from "./pools.js";

/** A request's arguments, as JSON has them. Each op knows its own. */
export type Args = Record<string, any>;

type Op = (args: Args) => unknown;

/** `values` without those that are undefined: the library's defaults are for what is left out. */
export function given<Values extends object>(values: Values): { [Name in keyof Values]: Exclude<Values[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

/** One client, and the ops that are done with it. */
export class Agent {
  private client: Outrigger = connect();
  private readonly holds = new Holds();
  private readonly ops: Map<string, Op>;

  constructor() {
    const client = (): Outrigger => this.client;
    this.ops = new Map<string, Op>([
      ["configure", (args) => this.configure(args)],
      ["close", () => this.close()],
      ["stats", () => this.client.stats()],
      ["unhold", ({ hold }) => this.holds.open(hold)],
      ["breaker_flush", () => this.client.flush()],
      ["cycle_clients", ({ count }) => cycleClients(count)],
      ...Object.entries(new Limits(client).ops),
      ...Object.entries(new Caches(client, this.holds).ops),
      ...Object.entries(new Breakers(client, this.holds).ops),
      ...Object.entries(new Pools(client).ops),
    ]);
  }

  async run(op: string, args: Args): Promise<unknown> {
    const found = this.ops.get(op);
    if (found === undefined) throw new Error(`there is no op ${op}`);
    return (await found(args)) ?? {};
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async configure(args: Args): Promise<void> {
    await this.client.close();
    this.client = connect(optionsOf(args));
  }
}

function optionsOf({ timeout_ms, limits, breaker, pool }: Args): ConnectOptions {
  return given({
    timeoutMs: timeout_ms as number | undefined,
    limits: limits && given({
      onUnavailable: limits.on_unavailable,
      ratePerSecond: limits.rate_per_s,
      burst: limits.burst,
    }),
    breaker: breaker && given({
      onUnavailable: breaker.on_unavailable,
      failures: breaker.failures,
      openForMs: breaker.open_for_ms,
    }),
    pool: pool && given({ onUnavailable: pool.on_unavailable, share: pool.share, endpoint: pool.endpoint }),
  });
}
