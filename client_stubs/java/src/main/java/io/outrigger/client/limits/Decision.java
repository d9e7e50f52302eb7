package io.outrigger.client.limits;

import io.outrigger.client.Source;
import io.outrigger.client.connection.Times;
import io.outrigger.ratelimit.v1.AllowResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether a request may proceed, and if not, when.
 *
 * @param allowed true as well if no limit applies
 * @param limit the one that decided: that denied, or of those that admitted the one with the least
 *     left; empty if none applies, or the policy decided
 * @param remaining tokens that limit has left, at least 0
 * @param resetAfter time until that limit is full again if nothing more is taken; zero: it is, or
 *     none applies
 * @param retryAfter denied: the soonest the same request could be admitted if nobody else takes
 *     tokens; empty if allowed, and if it can never be
 * @param waited how long the sidecar kept it waiting for tokens; zero: not at all
 * @param degraded the sidecar decided without the fleet's store, which is out of reach
 * @param source the sidecar, or the {@link LimitPolicy}
 * @param statuses one for each limit that applied, in the configuration's order; empty unless
 *     {@link LimitRequest#withDetail} asked for them
 */
public record Decision(
    boolean allowed,
    String limit,
    long remaining,
    Duration resetAfter,
    Optional<Duration> retryAfter,
    Duration waited,
    boolean degraded,
    Source source,
    List<LimitStatus> statuses) {

  static Decision of(AllowResponse response) {
    return new Decision(
        response.getAllowed(),
        response.getLimit(),
        response.getRemaining(),
        Times.fromProto(response.getResetAfter()),
        response.hasRetryAfter()
            ? Optional.of(Times.fromProto(response.getRetryAfter()))
            : Optional.empty(),
        Times.fromProto(response.getWaited()),
        response.getDegraded(),
        Source.SIDECAR,
        response.getStatusesList().stream().map(LimitStatus::of).toList());
  }

  static Decision fallback(boolean allowed) {
    return new Decision(
        allowed,
        "",
        0,
        Duration.ZERO,
        allowed ? Optional.empty() : Optional.of(Duration.ofSeconds(1)),
        Duration.ZERO,
        false,
        Source.FALLBACK,
        List.of());
  }
}
