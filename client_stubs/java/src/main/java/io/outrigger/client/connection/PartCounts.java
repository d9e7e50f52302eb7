package io.outrigger.client.connection;

import io.outrigger.client.Source;
import io.outrigger.client.Stats;
import java.util.concurrent.atomic.LongAdder;

/** Counts one part's calls and fallbacks. Thread-safe. Not for applications. */
public final class PartCounts {
  private final LongAdder calls = new LongAdder();
  private final LongAdder fallbacks = new LongAdder();

  /** Counts nothing yet. */
  public PartCounts() {}

  /**
   * Counts one call.
   *
   * @param source who answered it
   */
  public void count(Source source) {
    calls.increment();
    if (source == Source.FALLBACK) {
      fallbacks.increment();
    }
  }

  /**
   * What was counted so far.
   *
   * @return a copy
   */
  public Stats.Part read() {
    return new Stats.Part(calls.sum(), fallbacks.sum());
  }
}
