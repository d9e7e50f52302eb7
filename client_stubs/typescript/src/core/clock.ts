import { performance } from "node:perf_hooks"; // the global of that name is a getter, which costs as much again

/** Milliseconds, with fractions, that never go back; of this process' own. */
export function clockMs(): number {
  return performance.now();
}
