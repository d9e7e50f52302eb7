package io.outrigger.client.breaker;

import io.outrigger.breaker.v1.Reason;
import io.outrigger.breaker.v1.State;
import io.outrigger.client.CallResult;
import io.outrigger.client.Source;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * This process' own record of a breaker, for while the sidecar is gone. Thread-safe.
 *
 * <p>Each change of state begins a new era; what ends in another than it began in is not counted.
 */
final class LocalBreaker {
  private final int failuresToOpen;
  private final long openForNanos;
  private final LongSupplier nanoTime;

  // By this.
  private int failures;
  private boolean open;
  private long opened; // since when
  private boolean probing;
  private long probeBegan;
  private long era;

  /** `nanoTime` is what `System.nanoTime` is. */
  LocalBreaker(BreakerPolicy.Local policy, LongSupplier nanoTime) {
    this.failuresToOpen = policy.failures();
    this.openForNanos = policy.openFor().toNanos();
    this.nanoTime = nanoTime;
  }

  /** The era of a call that may be made; throws if it may not. */
  synchronized long enter(String breaker) {
    if (!open) {
      return era;
    }
    long now = nanoTime.getAsLong();
    long left = openForNanos - (now - opened);
    if (left > 0) {
      throw denied(breaker, State.OPEN, Reason.CONSECUTIVE_FAILURES, left);
    }
    // A probe that nobody ends does not keep the breaker open for ever.
    long probeLeft = probing ? openForNanos - (now - probeBegan) : 0;
    if (probeLeft > 0) {
      throw denied(breaker, State.HALF_OPEN, Reason.PROBES_IN_USE, probeLeft);
    }
    probing = true;
    probeBegan = now;
    return ++era;
  }

  /** How a call of `calledIn` ended. */
  synchronized void ended(long calledIn, CallResult result) {
    if (calledIn != era) {
      return;
    }
    probing = false;
    switch (result) {
      case SUCCESS -> {
        failures = 0;
        era += open ? 1 : 0;
        open = false;
      }
      case FAILURE -> {
        if (open || ++failures >= failuresToOpen) {
          open = true;
          opened = nanoTime.getAsLong();
          failures = 0;
          era++;
        }
      }
      default -> {}
    }
  }

  private static BreakerOpenException denied(
      String breaker, State state, Reason reason, long retryAfterNanos) {
    return new BreakerOpenException(
        breaker,
        state,
        reason,
        Optional.of(Duration.ofNanos(retryAfterNanos)),
        "",
        Source.FALLBACK);
  }
}
