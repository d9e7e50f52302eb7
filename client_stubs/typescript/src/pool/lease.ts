import type { Source } from "../core/sidecar.js";
import type { Result } from "../breaker/classify.js";

// Of Node 20.4, 18.18 and later; older ones have `release` and `with`.
(Symbol as { asyncDispose?: symbol }).asyncDispose ??= Symbol.for("Symbol.asyncDispose");

/** What an endpoint is for. */
export type Role = "primary" | "replica" | "shard";

/** What to connect to. */
export interface Endpoint {
  /** `host:port`, or `unix:path`. */
  readonly address: string;
  /** As configured; may be empty. */
  readonly zone: string;
  /** Undefined: any. */
  readonly role: Role | undefined;
  readonly backup: boolean;
}

/** Who takes a lease back. */
export interface LeaseOwner {
  /** Resolves when the slot is known to be free, or the sidecar did not answer. Never rejects. */
  giveBack(lease: Lease, result: Result): Promise<void>;
}

/** What a lease is made of. */
export interface LeaseFields {
  readonly pool: string;
  readonly leaseId: bigint;
  readonly fencingToken: bigint;
  readonly endpoint: Endpoint | undefined;
  readonly overflow: boolean;
  readonly degraded: boolean;
  readonly source: Source;
}

/**
 * A slot of the fleet's, to be given back: `await using lease = await pool.acquire()`, `pool.with`, or `release`.
 *
 * It renews itself. It is lost if that fails for too long: whoever holds it then closes the connection.
 */
export class Lease implements LeaseFields {
  readonly pool: string;
  /** Names the lease for the sidecar; 0n for a fallback's. */
  readonly leaseId: bigint;
  /** Greater than that of everyone who held this slot before; 0n for a fallback's. */
  readonly fencingToken: bigint;
  /** Undefined: the pool has no endpoints, it only caps. */
  readonly endpoint: Endpoint | undefined;
  /** Beyond max_connections: close the connection afterwards, do not keep it. */
  readonly overflow: boolean;
  /** The sidecar decided without its fleet, whose store is out of reach. */
  readonly degraded: boolean;
  /** `fallback`: the sidecar did not answer, and this is of the process' own share. */
  readonly source: Source;
  private readonly owner: LeaseOwner;
  private isLost = false;
  private listeners: (() => void)[] = [];
  private controller: AbortController | undefined;
  private released: Promise<void> | undefined;

  /** @internal */
  constructor(owner: LeaseOwner, fields: LeaseFields) {
    this.owner = owner;
    this.pool = fields.pool;
    this.leaseId = fields.leaseId;
    this.fencingToken = fields.fencingToken;
    this.endpoint = fields.endpoint;
    this.overflow = fields.overflow;
    this.degraded = fields.degraded;
    this.source = fields.source;
  }

  /** The slot is not this holder's any more: close the connection. */
  get lost(): boolean {
    return this.isLost;
  }

  /** Aborts when the lease is lost, e.g. for `fetch`. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.isLost) this.abort();
    }
    return this.controller.signal;
  }

  /** Calls `listener` soon after the lease is lost, or now if it is already; never after its release. */
  onLost(listener: () => void): void {
    if (this.isLost) queueMicrotask(listener);
    else this.listeners.push(listener);
  }

  /**
   * Gives the slot back. Close the connection first: another may have the slot at once. Resolves when it is free, or the
   * sidecar did not answer; never rejects, and may be called twice. `result` says how the endpoint did.
   */
  release(result: Result = "ignored"): Promise<void> {
    this.listeners = [];
    return (this.released ??= this.owner.giveBack(this, result));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** @internal */
  lose(): void {
    if (this.isLost || this.released !== undefined) return;
    this.isLost = true;
    const listeners = this.listeners;
    this.listeners = [];
    this.abort();
    for (const listener of listeners) queueMicrotask(listener); // what one throws is not the others' concern
  }

  private abort(): void {
    this.controller?.abort(new Error(`the lease of pool ${this.pool} is lost`));
  }
}
