package io.outrigger.client.pool;

import java.util.Objects;

/** What answers {@code acquire} when the sidecar does not. */
public sealed interface PoolPolicy {

  /**
   * No lease; the caller is told to come back after one second. The default.
   *
   * @return the policy
   */
  static PoolPolicy refuse() {
    return new Refuse();
  }

  /**
   * A share of each pool for this client: so many leases at a time, and no waiting for more. The
   * fleet's cap holds only if the shares of all pods together are not more than that.
   *
   * @param leases at least 1
   * @param endpoint what they are told to connect to, {@code host:port}; empty: none
   * @return the policy
   */
  static PoolPolicy share(int leases, String endpoint) {
    return new Share(leases, endpoint);
  }

  /** See {@link PoolPolicy#refuse}. */
  record Refuse() implements PoolPolicy {}

  /**
   * See {@link PoolPolicy#share}.
   *
   * @param leases at least 1
   * @param endpoint not null
   */
  record Share(int leases, String endpoint) implements PoolPolicy {
    /** Checks the ranges. */
    public Share {
      Objects.requireNonNull(endpoint);
      if (leases < 1) {
        throw new IllegalArgumentException("leases must be at least 1");
      }
    }
  }
}
