package io.outrigger.client.breaker;

import io.outrigger.breaker.v1.Outcome;
import io.outrigger.breaker.v1.Result;
import io.outrigger.client.CallResult;
import io.outrigger.client.Source;
import io.outrigger.client.connection.Times;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;

/**
 * The right to make one call. Tell how the call ended before it is closed; a block that is left
 * without having said so counts as a failure, because it may have been left by an exception.
 *
 * <pre>{@code
 * try (Permit permit = breaker.enter()) {
 *   String answer = client.charge(card);
 *   permit.success();
 *   return answer;
 * }
 * }</pre>
 *
 * <p>Thread-safe; only what is told first counts.
 */
public final class Permit implements AutoCloseable {
  private static final VarHandle ENDED;

  static {
    try {
      ENDED = MethodHandles.lookup().findVarHandle(Permit.class, "ended", boolean.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final Breaker breaker;
  private final long number; // Acquire's permit; or the local breaker's era
  private final long generation;
  private final boolean probe;
  private final Source source;
  private final long began; // by System.nanoTime

  @SuppressWarnings("unused") // by ENDED
  private volatile boolean ended;

  // Written before the permit is given to the reporter.
  private CallResult result;
  private long tookNanos;

  Permit(
      Breaker breaker, long number, long generation, boolean probe, Source source, long began) {
    this.breaker = breaker;
    this.number = number;
    this.generation = generation;
    this.probe = probe;
    this.source = source;
    this.began = began;
  }

  /** The call was served. */
  public void success() {
    end(CallResult.SUCCESS);
  }

  /**
   * The call failed; the breaker's classifier says what that means.
   *
   * @param failure what was thrown
   */
  public void failed(Throwable failure) {
    end(breaker.classifier().ofFailure(failure));
  }

  /**
   * The call ended.
   *
   * @param result how
   */
  public void end(CallResult result) {
    Objects.requireNonNull(result);
    if (ENDED.compareAndSet(this, false, true)) {
      this.result = result;
      this.tookNanos = System.nanoTime() - began;
      breaker.ended(this);
    }
  }

  /** Counts the call as failed, unless its end was told. */
  @Override
  public void close() {
    end(CallResult.FAILURE);
  }

  /**
   * Who let the call be made.
   *
   * @return the sidecar, or the {@link BreakerPolicy}
   */
  public Source source() {
    return source;
  }

  /**
   * Whether this call tries out if the service works again.
   *
   * @return the fleet waits for its end
   */
  public boolean isProbe() {
    return probe;
  }

  long number() {
    return number;
  }

  CallResult result() {
    return result;
  }

  /** Whether the sidecar shall hear of it at once. */
  boolean isUrgent() {
    return probe || result == CallResult.FAILURE;
  }

  Outcome outcome() {
    return Outcome.newBuilder()
        .setBreaker(breaker.name())
        .setMethod(breaker.methodName())
        .setPermit(number)
        .setGeneration(generation)
        .setResult(Result.valueOf(result.name()))
        .setDuration(Times.toProto(Duration.ofNanos(tookNanos)))
        .build();
  }
}
