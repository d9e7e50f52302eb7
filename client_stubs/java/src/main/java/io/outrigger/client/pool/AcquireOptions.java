package io.outrigger.client.pool;

import io.outrigger.client.connection.Times;
import io.outrigger.pool.v1.AcquireRequest;
import io.outrigger.pool.v1.Role;
import java.time.Duration;
import java.util.Collection;

/** Which lease is wanted, and for how long to wait. Immutable; each {@code with…} gives new ones. */
public final class AcquireOptions {
  private static final AcquireOptions USUAL =
      new AcquireOptions(AcquireRequest.getDefaultInstance(), Duration.ofSeconds(5));

  private final AcquireRequest proto;
  private final Duration maxWait;

  private AcquireOptions(AcquireRequest proto, Duration maxWait) {
    this.proto = proto;
    this.maxWait = maxWait;
  }

  /**
   * Any endpoint, and 5 s of waiting.
   *
   * @return the same object each time
   */
  public static AcquireOptions usual() {
    return USUAL;
  }

  /**
   * How long to wait for a slot.
   *
   * @param maxWait 0 (only ask the fleet, wait for nobody) to 1 hour. Unset: 5 s
   * @return new options
   */
  public AcquireOptions withMaxWait(Duration maxWait) {
    return new AcquireOptions(proto, maxWait);
  }

  /**
   * Which endpoints will do.
   *
   * @param role unset: any
   * @return new options
   */
  public AcquireOptions withRole(Role role) {
    return new AcquireOptions(proto.toBuilder().setRole(role).build(), maxWait);
  }

  /**
   * What keeps to one endpoint, where the pool is configured so, and for the role SHARD.
   *
   * @param sessionKey at most 1,024 bytes; empty: none
   * @return new options
   */
  public AcquireOptions withSessionKey(String sessionKey) {
    return new AcquireOptions(proto.toBuilder().setSessionKey(sessionKey).build(), maxWait);
  }

  /**
   * Which try this is; a pool may have some tries only.
   *
   * @param attempt from 0
   * @return new options
   */
  public AcquireOptions withAttempt(int attempt) {
    return new AcquireOptions(proto.toBuilder().setAttempt(attempt).build(), maxWait);
  }

  /**
   * Addresses that have just failed; others are preferred.
   *
   * @param addresses at most 16
   * @return new options
   */
  public AcquireOptions withAvoid(Collection<String> addresses) {
    return new AcquireOptions(
        proto.toBuilder().clearAvoid().addAllAvoid(addresses).build(), maxWait);
  }

  Duration maxWait() {
    return maxWait;
  }

  AcquireRequest request(String pool) {
    return proto.toBuilder().setPool(pool).setMaxWait(Times.toProto(maxWait)).build();
  }
}
