package io.outrigger.client.breaker;

import io.outrigger.breaker.v1.AcquireResponse;
import io.outrigger.breaker.v1.Reason;
import io.outrigger.breaker.v1.State;
import io.outrigger.client.Source;
import io.outrigger.client.connection.Times;
import java.time.Duration;
import java.util.Optional;

/** A breaker does not let a call be made. Has no stack trace: it is an answer, and must be quick. */
public final class BreakerOpenException extends RuntimeException {
  private final String breaker;
  private final State state;
  private final Reason reason;
  private final transient Optional<Duration> retryAfter;
  private final Source source;

  BreakerOpenException(
      String breaker,
      State state,
      Reason reason,
      Optional<Duration> retryAfter,
      String message,
      Source source) {
    super(
        "breaker " + breaker + " is " + state + (message.isEmpty() ? "" : ": " + message),
        null,
        false,
        false);
    this.breaker = breaker;
    this.state = state;
    this.reason = reason;
    this.retryAfter = retryAfter;
    this.source = source;
  }

  static BreakerOpenException of(String breaker, AcquireResponse denied) {
    Duration retryAfter = Times.fromProto(denied.getRetryAfter());
    return new BreakerOpenException(
        breaker,
        denied.getState(),
        denied.getReason(),
        retryAfter.isZero() ? Optional.empty() : Optional.of(retryAfter),
        denied.getMessage(),
        Source.SIDECAR);
  }

  static BreakerOpenException withoutSidecar(String breaker) {
    return new BreakerOpenException(
        breaker,
        State.OPEN,
        Reason.REASON_UNSPECIFIED,
        Optional.empty(),
        "the sidecar does not answer",
        Source.FALLBACK);
  }

  /**
   * The breaker's configured name.
   *
   * @return not null
   */
  public String breaker() {
    return breaker;
  }

  /**
   * What it is in.
   *
   * @return not null
   */
  public State state() {
    return state;
  }

  /**
   * Why the call may not be made.
   *
   * @return {@code REASON_UNSPECIFIED} if that was not told
   */
  public Reason reason() {
    return reason;
  }

  /**
   * When it may be worth asking again.
   *
   * @return empty: not known, or not before somebody changes the breaker by hand
   */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /**
   * Who decided.
   *
   * @return the sidecar, or the {@link BreakerPolicy}
   */
  public Source source() {
    return source;
  }
}
