import { clockMs } from "../core/clock.js";
import { toMsOrZero } from "../core/durations.js";
import { OutriggerError } from "../core/errors.js";
import type { Sidecar } from "../core/sidecar.js";
import type { Lease } from "./lease.js";

const SHORTEST_WAIT_MS = 20;

interface Kept {
  readonly lease: Lease;
  until: number; // the lease's end, on clockMs
  timer: NodeJS.Timeout | undefined;
}

/**
 * Renews leases when half of their time has passed, and again until it is over: then they are lost. Its timers do not
 * keep the process alive.
 */
export class Renewals {
  private readonly sidecar: Sidecar;
  private readonly kept = new Map<bigint, Kept>();

  constructor(sidecar: Sidecar) {
    this.sidecar = sidecar;
  }

  get size(): number {
    return this.kept.size;
  }

  /** Keeps the lease, which ends at `until` (clockMs) unless it is renewed. */
  add(lease: Lease, until: number): void {
    const kept: Kept = { lease, until, timer: undefined };
    this.kept.set(lease.leaseId, kept);
    this.arm(kept);
  }

  /** False: it was lost, or removed before. */
  remove(leaseId: bigint): boolean {
    const kept = this.kept.get(leaseId);
    if (kept === undefined) return false;
    clearTimeout(kept.timer);
    return this.kept.delete(leaseId);
  }

  /** The lease is gone: tells its holder. */
  lose(leaseId: bigint): void {
    const lease = this.kept.get(leaseId)?.lease;
    if (this.remove(leaseId)) lease?.lose();
  }

  loseAll(): void {
    for (const leaseId of [...this.kept.keys()]) this.lose(leaseId);
  }

  private arm(kept: Kept): void {
    const left = kept.until - clockMs();
    const wait = Math.min(left, Math.max(left / 2, SHORTEST_WAIT_MS));
    kept.timer = setTimeout(() => this.due(kept), Math.max(1, wait));
    kept.timer.unref();
  }

  private due(kept: Kept): void {
    if (clockMs() >= kept.until) {
      setImmediate(() => this.end(kept)); // a renewal may have come that was not read yet, if the process was busy
      return;
    }
    void this.renew(kept);
    this.arm(kept); // whatever comes of it: the end comes in any case
  }

  private end(kept: Kept): void {
    const { leaseId } = kept.lease;
    if (clockMs() >= kept.until && this.kept.get(leaseId) === kept) this.lose(leaseId);
  }

  private async renew(kept: Kept): Promise<void> {
    const { leaseId } = kept.lease;
    const sentAt = clockMs();
    const client = this.sidecar.pool;
    try {
      const answer = await this.sidecar.ask(client, client.renew, { leaseId });
      if (answer === undefined || this.kept.get(leaseId) !== kept) return;
      kept.until = Math.max(kept.until, sentAt + toMsOrZero(answer.expiresAfter));
      clearTimeout(kept.timer);
      this.arm(kept);
    } catch (error) {
      if (error instanceof OutriggerError && this.kept.get(leaseId) === kept) this.lose(leaseId);
    }
  }
}
