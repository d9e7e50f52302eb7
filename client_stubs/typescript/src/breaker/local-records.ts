import { clockMs } from "../core/clock.js";
import type { Result } from "./classify.js";

const MOST_RECORDS = 10_000;

/** What opens a breaker while the sidecar is gone. */
export interface LocalRule {
  /** So many failures in a row, 1 or more. */
  readonly failures: number;
  /** For so long, milliseconds. */
  readonly openForMs: number;
}

interface Record {
  inRow: number;
  openUntil: number; // 0: closed
  probeUntil: number; // a probe that has not ended by then is taken for lost; 0: none is out
}

/** Whether a call may be made. */
export interface LocalVerdict {
  /** 0: it may. Else it is denied for so long, milliseconds. */
  readonly deniedForMs: number;
  /** It tells whether the service is well again. */
  readonly probe: boolean;
}

const ALLOWED: LocalVerdict = { deniedForMs: 0, probe: false };
const PROBE: LocalVerdict = { deniedForMs: 0, probe: true };

/**
 * This process' own record of each breaker's calls that no sidecar decided: open after so many failures in a row, then
 * one probe at a time. At most 10,000 are kept; the oldest are forgotten.
 */
export class LocalRecords {
  private readonly records = new Map<string, Record>();
  private readonly rule: LocalRule;
  private readonly now: () => number;

  /** `now` tells milliseconds that never go back. */
  constructor(rule: LocalRule, now: () => number = clockMs) {
    this.rule = rule;
    this.now = now;
  }

  begin(key: string): LocalVerdict {
    const record = this.records.get(key);
    if (record === undefined || record.openUntil === 0) return ALLOWED;
    const now = this.now();
    const closedFor = Math.max(record.openUntil, record.probeUntil) - now;
    if (closedFor > 0) return { deniedForMs: closedFor, probe: false };
    record.probeUntil = now + this.rule.openForMs;
    return PROBE;
  }

  /** How a call went that was allowed, as a probe or not. */
  end(key: string, result: Result, probe: boolean): void {
    const record = this.records.get(key);
    if (record !== undefined && record.openUntil > 0 && !probe) return; // it began before
    if (result === "success") {
      this.records.delete(key);
    } else if (result === "failure") {
      this.fail(record ?? this.add(key), probe);
    } else if (record !== undefined) {
      record.probeUntil = 0;
    }
  }

  private fail(record: Record, probe: boolean): void {
    record.inRow++;
    record.probeUntil = 0;
    if (probe || record.inRow >= this.rule.failures) record.openUntil = this.now() + this.rule.openForMs;
  }

  private add(key: string): Record {
    if (this.records.size >= MOST_RECORDS) {
      const [oldest] = this.records.keys();
      if (oldest !== undefined) this.records.delete(oldest);
    }
    const record = { inRow: 0, openUntil: 0, probeUntil: 0 };
    this.records.set(key, record);
    return record;
  }
}
