import { clockMs } from "./clock.js";

/**
 * Items that expire in the order in which they were added, with one timer for all of them.
 *
 * The timer keeps the process alive only while there are items: somebody waits for each.
 */
export class DeadlineQueue<T> {
  private readonly deadlines = new Map<T, number>();
  private readonly afterMs: number;
  private readonly expired: (item: T) => void;
  private timer: NodeJS.Timeout | undefined;

  /** `expired` is called for each item that was not removed within `afterMs` milliseconds; it is in the queue yet. */
  constructor(afterMs: number, expired: (item: T) => void) {
    this.afterMs = afterMs;
    this.expired = expired;
  }

  get size(): number {
    return this.deadlines.size;
  }

  add(item: T): void {
    this.deadlines.set(item, clockMs() + this.afterMs);
    if (this.timer === undefined) this.arm(this.afterMs);
    else if (this.deadlines.size === 1) this.timer.ref();
  }

  has(item: T): boolean {
    return this.deadlines.has(item);
  }

  /** False: it has expired, or was removed before. */
  remove(item: T): boolean {
    const removed = this.deadlines.delete(item);
    if (this.deadlines.size === 0) this.timer?.unref();
    return removed;
  }

  private arm(ms: number): void {
    this.timer = setTimeout(() => this.sweep(), Math.max(1, ms));
  }

  private sweep(): void {
    this.timer = undefined;
    const now = clockMs();
    for (const [item, deadline] of this.deadlines) {
      // A timer may fire a fraction of a millisecond before its time.
      if (deadline > now + 0.5) {
        if (this.timer === undefined) this.arm(deadline - now);
        return;
      }
      this.expired(item);
      this.deadlines.delete(item);
    }
  }
}
