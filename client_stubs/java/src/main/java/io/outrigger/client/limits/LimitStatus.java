package io.outrigger.client.limits;

import io.outrigger.client.connection.Times;
import java.time.Duration;
import java.util.Optional;

/**
 * One limit's part in a decision.
 *
 * @param limit its configured name
 * @param allowed whether it would have admitted the request
 * @param remaining tokens left after the decision
 * @param burst the most tokens it can have (for windows: its limit)
 * @param resetAfter time until it is full again if nothing more is taken
 * @param retryAfter the soonest the same request could be admitted; empty if it was, or never can be
 * @param shadow it only watches: its denials do not deny
 * @param window the period of its rate: {@code burst} or less per window
 * @param unlimited the request is exempt from it
 */
public record LimitStatus(
    String limit,
    boolean allowed,
    long remaining,
    long burst,
    Duration resetAfter,
    Optional<Duration> retryAfter,
    boolean shadow,
    Duration window,
    boolean unlimited) {

  static LimitStatus of(io.outrigger.ratelimit.v1.LimitStatus status) {
    return new LimitStatus(
        status.getLimit(),
        status.getAllowed(),
        status.getRemaining(),
        status.getBurst(),
        Times.fromProto(status.getResetAfter()),
        status.hasRetryAfter()
            ? Optional.of(Times.fromProto(status.getRetryAfter()))
            : Optional.empty(),
        status.getShadow(),
        Times.fromProto(status.getWindow()),
        status.getUnlimited());
  }
}
