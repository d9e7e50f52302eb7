/**
 * Items that expire in the order in which they were added, with one timer for all of them.
 *
 * The timer does not keep the process alive.
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
    this.deadlines.set(item, performance.now() + this.afterMs);
    if (this.timer === undefined) this.arm(this.afterMs);
  }

  has(item: T): boolean {
    return this.deadlines.has(item);
  }

  /** False: it has expired, or was removed before. */
  remove(item: T): boolean {
    return this.deadlines.delete(item);
  }

  private arm(ms: number): void {
    this.timer = setTimeout(() => this.sweep(), Math.max(1, ms));
    this.timer.unref();
  }

  private sweep(): void {
    this.timer = undefined;
    const now = performance.now();
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
