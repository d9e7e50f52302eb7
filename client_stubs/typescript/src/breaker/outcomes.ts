import { Result as WireResult, type Outcome } from "../gen/outrigger/breaker/v1/breaker.js";
import { fromMs } from "../core/durations.js";
import { OutriggerError } from "../core/errors.js";
import type { Sidecar } from "../core/sidecar.js";
import type { Stats } from "../core/stats.js";
import type { Result } from "./classify.js";

const MOST_WAITING = 10_000;
const MOST_OF_A_MESSAGE = 1000;
const SUCCESSES_WAIT_MS = 100;
const LONGEST_CALL_MS = 24 * 3_600_000;

/** What a call's outcome is about. */
export interface Call {
  readonly breaker: string;
  readonly method: string;
  readonly permit: bigint;
  readonly generation: bigint;
  readonly probe: boolean;
}

/**
 * Reports how calls went, in order and in batches: at once after a failure or a probe, successes within 100 ms. One
 * report is under way at a time. At most 10,000 outcomes wait; beyond that the oldest are dropped and counted, as are
 * those of a report that was not answered.
 */
export class Outcomes {
  private readonly sidecar: Sidecar;
  private readonly stats: Stats;
  private waiting: Outcome[] = [];
  private urgent = false;
  private reporting: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private added = 0;
  private settled = 0; // reported, given up or dropped

  constructor(sidecar: Sidecar, stats: Stats) {
    this.sidecar = sidecar;
    this.stats = stats;
  }

  get pending(): number {
    return this.waiting.length;
  }

  add(call: Call, result: Result, durationMs: number): void {
    if (this.waiting.length >= MOST_WAITING) this.dropOldest();
    this.added++;
    this.waiting.push({
      breaker: call.breaker,
      method: call.method,
      permit: call.permit,
      generation: call.generation,
      result: WIRE_RESULTS[result],
      duration: fromMs("duration", Math.min(durationMs, LONGEST_CALL_MS)),
      count: 0,
    });
    if (result === "failure" || call.probe) this.urgent = true;
    this.schedule();
  }

  /** Resolves when all outcomes so far have been reported or given up. */
  async flush(): Promise<void> {
    const target = this.added;
    while (this.settled < target) {
      this.urgent = this.waiting.length > 0;
      this.schedule();
      await this.reporting;
    }
  }

  // A quarter at once: to shift each by itself would cost more than to report it.
  private dropOldest(): void {
    const count = MOST_WAITING / 4;
    this.waiting.splice(0, count);
    this.stats.outcomesDropped += count;
    this.settled += count;
  }

  private schedule(): void {
    if (this.reporting !== undefined) return;
    if (this.urgent) {
      this.reporting = this.report();
    } else if (this.timer === undefined) {
      this.timer = setTimeout(() => this.due(), SUCCESSES_WAIT_MS);
      this.timer.unref();
    }
  }

  private due(): void {
    this.timer = undefined;
    if (this.waiting.length === 0) return;
    this.urgent = true;
    this.schedule();
  }

  private async report(): Promise<void> {
    while (this.urgent) {
      const batch = this.waiting.splice(0, MOST_OF_A_MESSAGE);
      this.urgent = this.waiting.length > 0;
      await this.send(batch);
      this.settled += batch.length;
    }
    this.reporting = undefined;
    if (this.waiting.length > 0) this.schedule();
  }

  private async send(outcomes: Outcome[]): Promise<void> {
    const client = this.sidecar.breaker;
    try {
      const answer = await this.sidecar.ask(client, client.report, { outcomes });
      if (answer === undefined) this.stats.outcomesDropped += outcomes.length;
    } catch (error) {
      await this.sendApart(outcomes, error);
    }
  }

  // A breaker that is not configured any more shall not take the others' outcomes with it: after an error none counted.
  private async sendApart(outcomes: Outcome[], error: unknown): Promise<void> {
    const names = new Set(outcomes.map((outcome) => outcome.breaker));
    if (!(error instanceof OutriggerError) || names.size < 2) {
      this.stats.outcomesDropped += outcomes.length;
      return;
    }
    for (const name of names) await this.send(outcomes.filter((outcome) => outcome.breaker === name));
  }
}

const WIRE_RESULTS: Readonly<Record<Result, WireResult>> = {
  success: WireResult.SUCCESS,
  failure: WireResult.FAILURE,
  ignored: WireResult.IGNORED,
};
