import {
  Advice as WireAdvice,
  Reason as WireReason,
  Role as WireRole,
  type AcquireRequest,
  type AcquireResponse,
  type Endpoint as WireEndpoint,
} from "../gen/outrigger/pool/v1/pool.js";
import { fromMs, toMsOrZero } from "../core/durations.js";
import { checkNumber, checkString, checkWhole, OutriggerError } from "../core/errors.js";
import type { Sidecar } from "../core/sidecar.js";
import type { PartStats } from "../core/stats.js";
import type { Result } from "../breaker/classify.js";
import { Hold, type LossListener } from "./hold.js";
import { Lease, type Endpoint, type LeaseOwner, type Role } from "./lease.js";
import { NotAcquiredError, type PoolReason } from "./not-acquired.js";
import type { AcquireOptions } from "./pool.js";
import { Renewals } from "./renewals.js";

/** What decides when the sidecar does not answer. */
export interface PoolPolicy {
  /** `refuse` (the default), to be tried again after 1 s; `share`: a share of this process. */
  onUnavailable?: "refuse" | "share";
  /** `share`: at most so many leases of each pool in this process. Unset: 1. */
  share?: number;
  /** `share`: the endpoint of those leases, `host:port` or `unix:path`. Unset: none. */
  endpoint?: string;
}

const DEFAULT_WAIT_MS = 5000;
const MOST_ATTEMPTS = 2 ** 32 - 1;

/** All leases of a client. */
export class Leases implements LeaseOwner, LossListener {
  private readonly sidecar: Sidecar;
  private readonly stats: PartStats;
  private readonly policy: PoolPolicy;
  private readonly share: number;
  private readonly hold: Hold;
  private readonly renewals: Renewals;
  private readonly shared = new Map<string, number>(); // leases of this process' own share, by pool

  constructor(sidecar: Sidecar, stats: PartStats, policy: PoolPolicy) {
    this.sidecar = sidecar;
    this.stats = stats;
    this.policy = policy;
    this.share = checkNumber("pool.share", policy.share ?? 1, 0, Number.MAX_SAFE_INTEGER);
    this.hold = new Hold(sidecar, this);
    this.renewals = new Renewals(sidecar);
  }

  /** What the library keeps of leases that are held, and of requests under way. */
  get pending(): number {
    return this.hold.pending + this.renewals.size + this.shared.size;
  }

  async acquire(pool: string, options: AcquireOptions): Promise<Lease> {
    this.sidecar.checkOpen();
    options.signal?.throwIfAborted();
    const waitMs = options.maxWaitMs ?? DEFAULT_WAIT_MS;
    const request = requestOf(pool, waitMs, options);
    this.stats.calls++;
    const acquired = await this.hold.acquire(request, waitMs, options.signal);
    if (acquired === undefined) return this.fallback(pool);
    const { answer, sentAt } = acquired;
    if (!answer.acquired) throw refusalIn(answer, pool);
    const lease = this.leaseOf(pool, answer);
    this.renewals.add(lease, sentAt + toMsOrZero(answer.waited) + toMsOrZero(answer.expiresAfter));
    return lease;
  }

  async giveBack(lease: Lease, result: Result): Promise<void> {
    if (lease.source === "fallback") return this.giveShareBack(lease.pool);
    this.renewals.remove(lease.leaseId);
    // Also if it was lost: the stream may hold it still, if the sidecar hung for less than its own share lasts.
    await this.hold.release(lease.leaseId, result);
  }

  lostLease(leaseId: bigint): void {
    this.renewals.lose(leaseId);
  }

  lostAll(): void {
    this.renewals.loseAll();
  }

  /** Gives back what is held: its holders hear that it is lost. */
  close(): Promise<void> {
    return this.hold.close();
  }

  private leaseOf(pool: string, answer: AcquireResponse): Lease {
    return new Lease(this, {
      pool,
      leaseId: answer.leaseId,
      fencingToken: answer.fencingToken,
      endpoint: answer.endpoint && endpointOf(answer.endpoint),
      overflow: answer.overflow,
      degraded: answer.degraded,
      source: "sidecar",
    });
  }

  private fallback(pool: string): Lease {
    this.stats.fallbacks++;
    const taken = this.shared.get(pool) ?? 0;
    if (this.policy.onUnavailable !== "share" || taken >= this.share) {
      const message = `pool ${pool}: the sidecar does not answer`;
      const refusal = { pool, reason: "STORE_UNAVAILABLE", advice: "RETRY", retryAfterMs: 1000 } as const;
      throw new NotAcquiredError(message, { ...refusal, source: "fallback" });
    }
    this.shared.set(pool, taken + 1);
    const address = this.policy.endpoint;
    return new Lease(this, {
      pool,
      leaseId: 0n,
      fencingToken: 0n,
      endpoint: address === undefined ? undefined : { address, zone: "", role: undefined, backup: false },
      overflow: false,
      degraded: false,
      source: "fallback",
    });
  }

  private giveShareBack(pool: string): void {
    const taken = this.shared.get(pool) ?? 0;
    if (taken > 1) this.shared.set(pool, taken - 1);
    else this.shared.delete(pool);
  }
}

// What cannot be written would break the stream, and lose all leases of this process.
function requestOf(pool: string, waitMs: number, options: AcquireOptions): AcquireRequest {
  return {
    pool: checkString("pool", pool),
    sessionKey: checkString("sessionKey", options.sessionKey ?? ""),
    role: wireRoleOf(options.role),
    maxWait: fromMs("maxWaitMs", waitMs),
    attempt: checkWhole("attempt", options.attempt ?? 0, MOST_ATTEMPTS),
    avoid: avoidOf(options.avoid ?? []),
  };
}

function wireRoleOf(role: Role | undefined): WireRole {
  if (role === undefined) return WireRole.ROLE_UNSPECIFIED;
  const wire = WIRE_ROLES[role] as unknown;
  if (typeof wire === "number") return wire;
  throw new OutriggerError("INVALID_ARGUMENT", `role: must be one of ${Object.keys(WIRE_ROLES).join(", ")}`);
}

function avoidOf(addresses: readonly string[]): string[] {
  if (!Array.isArray(addresses)) throw new OutriggerError("INVALID_ARGUMENT", "avoid: must be an array");
  return addresses.map((address, index) => checkString(`avoid[${index}]`, address));
}

function refusalIn(answer: AcquireResponse, pool: string): NotAcquiredError {
  const name = WireReason[answer.reason];
  const known = name !== undefined && name !== "UNRECOGNIZED" && name !== "REASON_UNSPECIFIED";
  const reason = known ? (name as PoolReason) : "UNSPECIFIED";
  return new NotAcquiredError(`pool ${pool}: no slot (${reason.toLowerCase().replaceAll("_", " ")})`, {
    pool,
    reason,
    advice: answer.advice === WireAdvice.RETRY ? "RETRY" : "FALL_BACK",
    retryAfterMs: toMsOrZero(answer.retryAfter),
    source: "sidecar",
  });
}

function endpointOf(endpoint: WireEndpoint): Endpoint {
  return { address: endpoint.address, zone: endpoint.zone, role: ROLES.get(endpoint.role), backup: endpoint.backup };
}

const WIRE_ROLES: Readonly<Record<Role, WireRole>> = {
  primary: WireRole.PRIMARY,
  replica: WireRole.REPLICA,
  shard: WireRole.SHARD,
};

const ROLES: ReadonlyMap<WireRole, Role> = new Map(
  Object.entries(WIRE_ROLES).map(([role, wire]) => [wire, role as Role]),
);
