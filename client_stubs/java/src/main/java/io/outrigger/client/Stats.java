package io.outrigger.client;

/**
 * What a client has done since it was connected. Counted by each client for itself.
 *
 * @param limits questions, reports and refunds
 * @param cache reads, loads and writes; one for each call of this library's
 * @param breaker decisions
 * @param pool acquired or refused leases
 */
public record Stats(Part limits, Part cache, Part breaker, Part pool) {

  /**
   * One part's counts.
   *
   * @param calls how many calls there were
   * @param fallbacks how many of them the sidecar did not answer
   */
  public record Part(long calls, long fallbacks) {}
}
