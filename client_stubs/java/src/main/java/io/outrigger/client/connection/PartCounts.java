package io.outrigger.client.connection;

import io.outrigger.client.Stats;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts one part's calls when they begin, and its fallbacks when the policy answers. Thread-safe.
 * Not for applications.
 */
public final class PartCounts {
  private final LongAdder calls = new LongAdder();
  private final LongAdder fallbacks = new LongAdder();

  /** Counts nothing yet. */
  public PartCounts() {}

  /** A call has begun; {@link Sidecar#begin} says so. */
  void began() {
    calls.increment();
  }

  /** A call that had begun is answered by the policy. */
  public void fellBack() {
    fallbacks.increment();
  }

  /**
   * What was counted so far.
   *
   * @return a copy
   */
  public Stats.Part read() {
    long answered = fallbacks.sum(); // first: never more fallbacks than calls
    return new Stats.Part(calls.sum(), answered);
  }
}
