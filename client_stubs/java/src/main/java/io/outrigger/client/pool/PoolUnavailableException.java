package io.outrigger.client.pool;

import io.outrigger.client.Source;
import io.outrigger.pool.v1.Advice;
import io.outrigger.pool.v1.Reason;
import java.time.Duration;
import java.util.Optional;

/** There is no lease. Has no stack trace: it is an answer, and must be quick. */
public final class PoolUnavailableException extends RuntimeException {
  private final String pool;
  private final Reason reason;
  private final Advice advice;
  private final transient Optional<Duration> retryAfter;
  private final Source source;

  PoolUnavailableException(
      String pool, Reason reason, Advice advice, Optional<Duration> retryAfter, Source source) {
    super("no lease of pool " + pool + ": " + reason, null, false, false);
    this.pool = pool;
    this.reason = reason;
    this.advice = advice;
    this.retryAfter = retryAfter;
    this.source = source;
  }

  static PoolUnavailableException withoutSidecar(String pool) {
    return new PoolUnavailableException(
        pool,
        Reason.STORE_UNAVAILABLE,
        Advice.RETRY,
        Optional.of(Duration.ofSeconds(1)),
        Source.FALLBACK);
  }

  /**
   * The pool's configured name.
   *
   * @return not null
   */
  public String pool() {
    return pool;
  }

  /**
   * Why there is none.
   *
   * @return not null
   */
  public Reason reason() {
    return reason;
  }

  /**
   * Whether it is worth trying again, or quicker to do without.
   *
   * @return not null
   */
  public Advice advice() {
    return advice;
  }

  /**
   * When it may be worth asking again.
   *
   * @return empty: not known
   */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }

  /**
   * Who refused.
   *
   * @return the sidecar, or the {@link PoolPolicy}
   */
  public Source source() {
    return source;
  }
}
