package io.outrigger.client.limits;

/** What answers {@code allow} when the sidecar does not. */
public sealed interface LimitPolicy {

  /**
   * Every request proceeds. The default.
   *
   * @return the policy
   */
  static LimitPolicy allow() {
    return new Allow();
  }

  /**
   * No request proceeds; its caller is told to come back after one second.
   *
   * @return the policy
   */
  static LimitPolicy deny() {
    return new Deny();
  }

  /**
   * A token bucket of this process for each set of attributes; of 10,000 of them the least recently
   * used is forgotten for a new one.
   *
   * @param ratePerSecond tokens that come back each second; finite, more than 0
   * @param burst tokens of a full bucket; finite, at least 1
   * @return the policy
   */
  static LimitPolicy local(double ratePerSecond, double burst) {
    return new Local(ratePerSecond, burst);
  }

  /** See {@link LimitPolicy#allow}. */
  record Allow() implements LimitPolicy {}

  /** See {@link LimitPolicy#deny}. */
  record Deny() implements LimitPolicy {}

  /**
   * See {@link LimitPolicy#local}.
   *
   * @param ratePerSecond finite, more than 0
   * @param burst finite, at least 1
   */
  record Local(double ratePerSecond, double burst) implements LimitPolicy {
    /** Checks the ranges. */
    public Local {
      if (!(ratePerSecond > 0) || Double.isInfinite(ratePerSecond)) {
        throw new IllegalArgumentException("ratePerSecond must be finite and more than 0");
      }
      if (!(burst >= 1) || Double.isInfinite(burst)) {
        throw new IllegalArgumentException("burst must be finite and at least 1");
      }
    }
  }
}
