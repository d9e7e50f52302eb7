import type { Duration } from "../gen/google/protobuf/duration.js";
import { checkNumber } from "./errors.js";

// A day more than anything that the sidecar takes, and far below what a timer can wait.
const LONGEST_MS = 31 * 24 * 3_600_000;

/** Milliseconds, with fractions. */
export function toMs(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

/** The same; 0 if unset. */
export function toMsOrZero(duration: Duration | undefined): number {
  return duration === undefined ? 0 : toMs(duration);
}

/** The protobuf's form of `ms` milliseconds; the name is for the error. Throws INVALID_ARGUMENT for what is none. */
export function fromMs(name: string, ms: number): Duration {
  checkNumber(name, ms, 0, LONGEST_MS);
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6)) };
}

/** The same, or undefined for undefined. */
export function fromOptionalMs(name: string, ms: number | undefined): Duration | undefined {
  return ms === undefined ? undefined : fromMs(name, ms);
}
