package io.outrigger.client.breaker;

import io.outrigger.breaker.v1.Reason;
import io.outrigger.breaker.v1.State;
import io.outrigger.breaker.v1.WatchResponse;
import io.outrigger.client.Source;
import io.outrigger.client.connection.Times;
import java.time.Duration;
import java.util.Optional;

/**
 * What the watch has told of a breaker, or of one of its methods.
 *
 * @param validUntil by System.nanoTime
 * @param retryAt by System.nanoTime; only if `hasRetry`
 */
record Watched(
    State state,
    long generation,
    double admitRatio,
    long validUntil,
    boolean hasRetry,
    long retryAt,
    Reason reason,
    String message) {

  static Watched of(WatchResponse told, long now) {
    long retryAfter = Times.nanos(Times.fromProto(told.getRetryAfter()));
    return new Watched(
        told.getState(),
        told.getGeneration(),
        told.getAdmitRatio(),
        now + Times.nanos(Times.fromProto(told.getValidFor())),
        retryAfter > 0,
        now + retryAfter,
        told.getReason(),
        told.getMessage());
  }

  Watched withGeneration(long other) {
    return new Watched(
        state, other, admitRatio, validUntil, hasRetry, retryAt, reason, message);
  }

  boolean isValid(long now) {
    return now - validUntil < 0;
  }

  /** Whether this decides: half open, or open and due to be half open, only the sidecar knows. */
  boolean decides(long now) {
    return isValid(now)
        && switch (state) {
          case CLOSED, FORCED_CLOSED, METRICS_ONLY, FORCED_OPEN -> true;
          case OPEN -> !hasRetry || now - retryAt < 0;
          default -> false;
        };
  }

  boolean isOpen() {
    return state == State.OPEN || state == State.FORCED_OPEN;
  }

  BreakerOpenException denied(String breaker, long now) {
    Optional<Duration> retryAfter =
        hasRetry ? Optional.of(Duration.ofNanos(Math.max(0, retryAt - now))) : Optional.empty();
    Reason why = isOpen() ? reason : Reason.RECOVERING;
    return new BreakerOpenException(
        breaker, state, why, retryAfter, isOpen() ? message : "", Source.SIDECAR);
  }
}
