import { classifyError, tryClassify, type Classify } from "../breaker/classify.js";
import type { Lease, Role } from "./lease.js";
import type { Leases } from "./leases.js";

/** What a pool may be told besides its name: what `acquire` takes unless it is told otherwise. */
export interface PoolOptions extends AcquireOptions {
  /** Tells from what the body of `with` threw how the endpoint did. Unset: `classifyError`. */
  classify?: Classify;
}

/** What `acquire` may be told. */
export interface AcquireOptions {
  /** How long to wait for a slot, milliseconds, at most an hour. Unset: 5 s. */
  maxWaitMs?: number;
  /** Unset: any endpoint. */
  role?: Role;
  /** What keeps to one endpoint with `balance: sticky` and the role `shard`; at most 1,024 bytes. */
  sessionKey?: string;
  /** Which try this is, from 0. */
  attempt?: number;
  /** Addresses that have just failed this caller; at most 16. */
  avoid?: readonly string[];
  /** The caller's own end of patience: rejects with its reason. */
  signal?: AbortSignal;
}

/** Connection slots with one cap for the fleet. Made by `Outrigger.pool`; as many calls at a time as you like. */
export class Pool {
  readonly name: string;
  private readonly leases: Leases;
  private readonly options: PoolOptions;

  /** @internal */
  constructor(leases: Leases, name: string, options: PoolOptions) {
    this.leases = leases;
    this.name = name;
    this.options = options;
  }

  /**
   * A slot and an endpoint, first come, first served. Rejects with NotAcquiredError if there is none in time or the
   * sidecar does not answer, and with an OutriggerError for a mistake.
   */
  acquire(options: AcquireOptions = {}): Promise<Lease> {
    return this.leases.acquire(this.name, { ...this.options, ...options });
  }

  /** Calls `body` with a lease, and gives it back on every path; how the endpoint did is told from what `body` throws. */
  async with<Value>(body: (lease: Lease) => Value | Promise<Value>, options: AcquireOptions = {}): Promise<Value> {
    const lease = await this.acquire(options);
    try {
      const value = await body(lease);
      await lease.release("success");
      return value;
    } catch (error) {
      await lease.release(tryClassify(this.options.classify ?? classifyError, error));
      throw error;
    }
  }
}
