import { Breaker, type BreakerOptions } from "./breaker/breaker.js";
import { Decider, type BreakerPolicy } from "./breaker/decider.js";
import { Background } from "./cache/background.js";
import { Cache, type CacheOptions } from "./cache/cache.js";
import { Tokens } from "./cache/tokens.js";
import { checkNumber } from "./core/errors.js";
import { Sidecar } from "./core/sidecar.js";
import { newStats, type Stats } from "./core/stats.js";
import { resolveTarget } from "./core/target.js";
import { Limiter, type LimitsPolicy } from "./limits/limiter.js";
import { Leases, type PoolPolicy } from "./pool/leases.js";
import { Pool, type PoolOptions } from "./pool/pool.js";

/** What `connect` may be told. */
export interface ConnectOptions {
  /**
   * `unix:///path`, `unix:path`, a path, or `host:port`. Unset: OUTRIGGER_TARGET, else the usual sockets, else
   * 127.0.0.1:7420.
   */
  target?: string;
  /** For each call, milliseconds; one that waits has this on top. Unset: 50. */
  timeoutMs?: number;
  /** What decides about limits when the sidecar does not answer. */
  limits?: LimitsPolicy;
  /** The same for breakers. */
  breaker?: BreakerPolicy;
  /** The same for pools. */
  pool?: PoolPolicy;
}

/**
 * The client of a sidecar. Nothing is connected before the first call, and a sidecar that is not there yet is no error.
 * All clients of a target share one channel.
 */
export function connect(options: ConnectOptions = {}): Outrigger {
  return new Outrigger(options);
}

/** A client's four parts. Made by {@link connect}; close it at the end. */
export class Outrigger {
  /** Rate limits. */
  readonly limiter: Limiter;
  private readonly sidecar: Sidecar;
  private readonly counts: Stats = newStats();
  private readonly background = new Background();
  private readonly tokens: Tokens;
  private readonly decider: Decider;
  private readonly leases: Leases;
  private closing: Promise<void> | undefined;

  /** @internal */
  constructor(options: ConnectOptions) {
    const timeoutMs = checkNumber("timeoutMs", options.timeoutMs ?? 50, 1, 3_600_000);
    this.sidecar = new Sidecar(resolveTarget(options.target), timeoutMs);
    this.tokens = new Tokens(this.sidecar);
    this.limiter = new Limiter(this.sidecar, this.counts.limits, options.limits ?? {});
    this.decider = new Decider(this.sidecar, this.counts, options.breaker ?? {});
    this.leases = new Leases(this.sidecar, this.counts.pool, options.pool ?? {});
  }

  /** A namespace of the cache. */
  cache<Value = unknown>(namespace: string, options: CacheOptions<Value> = {}): Cache<Value> {
    return new Cache(this.sidecar, this.counts.cache, this.background, this.tokens, namespace, options);
  }

  /** A circuit breaker. */
  breaker(name: string, options: BreakerOptions = {}): Breaker {
    return new Breaker(this.decider, name, options);
  }

  /** A pool of connection slots. */
  pool(name: string, options: PoolOptions = {}): Pool {
    return new Pool(this.leases, name, options);
  }

  /** How many calls each part had, and how many were answered by a fallback: a copy. */
  stats(): Stats {
    return structuredClone(this.counts);
  }

  /** What is under way or held, by part; all 0 when nothing is. For tests and for leaks. */
  pending(): { limits: number; cache: number; breaker: number; pool: number } {
    return {
      limits: this.limiter.pending,
      cache: this.background.count,
      breaker: this.decider.pending,
      pool: this.leases.pending,
    };
  }

  /** Resolves when all outcomes of breakers' calls so far have been reported or given up. */
  flush(): Promise<void> {
    return this.decider.flush();
  }

  /**
   * Reports what waits, gives back what is held, ends the streams. Calls under way are answered by their policy; a call
   * afterwards is an OutriggerError with code CLOSED. Takes at most `timeoutMs`, and never more than half a second; never
   * rejects; may be called twice.
   */
  close(): Promise<void> {
    return (this.closing ??= this.closeOnce());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async closeOnce(): Promise<void> {
    this.sidecar.close();
    this.limiter.close();
    const { graceMs } = this.sidecar;
    const givenBack = within(graceMs, this.tokens.close());
    await Promise.all([within(graceMs, this.decider.flush()), this.leases.close(), givenBack]);
    this.decider.close();
    this.sidecar.disconnect();
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
