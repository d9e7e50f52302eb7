package io.outrigger.client.breaker;

import java.time.Duration;

/** What decides for a breaker when the sidecar does not, and has told nothing that still holds. */
public sealed interface BreakerPolicy {

  /**
   * This process' own record of each breaker: open for 10 s after 5 failures in a row. The default.
   *
   * @return the policy
   */
  static BreakerPolicy local() {
    return local(5, Duration.ofSeconds(10));
  }

  /**
   * This process' own record of each breaker, of the calls that were decided by it. When the time is
   * over one call at a time is let through, until one succeeds.
   *
   * @param failures in a row that open it; at least 1
   * @param openFor how long; more than zero
   * @return the policy
   */
  static BreakerPolicy local(int failures, Duration openFor) {
    return new Local(failures, openFor);
  }

  /**
   * Every call may be made.
   *
   * @return the policy
   */
  static BreakerPolicy allow() {
    return new Allow();
  }

  /**
   * No call may be made.
   *
   * @return the policy
   */
  static BreakerPolicy deny() {
    return new Deny();
  }

  /** See {@link BreakerPolicy#allow}. */
  record Allow() implements BreakerPolicy {}

  /** See {@link BreakerPolicy#deny}. */
  record Deny() implements BreakerPolicy {}

  /**
   * See {@link BreakerPolicy#local(int, Duration)}.
   *
   * @param failures at least 1
   * @param openFor more than zero
   */
  record Local(int failures, Duration openFor) implements BreakerPolicy {
    /** Checks the ranges. */
    public Local {
      if (failures < 1) {
        throw new IllegalArgumentException("failures must be at least 1");
      }
      if (openFor.isZero() || openFor.isNegative()) {
        throw new IllegalArgumentException("openFor must be more than zero");
      }
    }
  }
}
