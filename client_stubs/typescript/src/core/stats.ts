/** How many calls one part had, and how many of them a fallback answered, since the client was made. */
export interface PartStats {
  calls: number;
  fallbacks: number;
}

/** A client's counts, part by part. */
export interface Stats {
  limits: PartStats;
  cache: PartStats;
  breaker: PartStats;
  pool: PartStats;
  /** Outcomes of breakers' calls that were not reported: too many waited, or the sidecar did not answer. */
  outcomesDropped: number;
}

/** All zero. */
export function newStats(): Stats {
  const none = (): PartStats => ({ calls: 0, fallbacks: 0 });
  return { limits: none(), cache: none(), breaker: none(), pool: none(), outcomesDropped: 0 };
}
