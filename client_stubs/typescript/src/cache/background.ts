const MOST_AT_ONCE = 64;

/** Loads that nobody waits for, at most 64 at a time in a client. */
export class Background {
  private underWay = 0;

  get count(): number {
    return this.underWay;
  }

  /** False: so many are under way that `work` was not begun. What it throws is nobody's to see. */
  tryRun(work: () => Promise<unknown>): boolean {
    if (this.underWay >= MOST_AT_ONCE) return false;
    this.underWay++;
    const done = (): void => void this.underWay--;
    work().then(done, done);
    return true;
  }
}
