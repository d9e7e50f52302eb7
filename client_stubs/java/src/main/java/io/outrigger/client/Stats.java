package io.outrigger.client;

/**
 * What a client has done since it was connected. Counted by each client for itself.
 *
 * <p>A call counts from its beginning: when the client was found open and the arguments right. From
 * then on it is under way, and if the client is closed the policy answers it.
 *
 * @param limits questions, reports and refunds
 * @param cache reads, loads and writes; one for each call of this library's
 * @param breaker decisions
 * @param pool leases that were asked for
 */
public record Stats(Part limits, Part cache, Part breaker, Part pool) {

  /**
   * One part's counts.
   *
   * @param calls how many calls have begun
   * @param fallbacks how many of them the policy answered, because the sidecar did not
   */
  public record Part(long calls, long fallbacks) {}
}
