package io.outrigger.client;

import java.util.concurrent.Callable;

/** Waits for conditions. */
public final class Await {
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private Await() {}

  public static void until(Callable<Boolean> condition) throws Exception {
    long giveUp = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.call()) {
      if (System.nanoTime() > giveUp) {
        throw new AssertionError("not within 30 s");
      }
      Thread.sleep(2); // a poll within a wait that has a deadline
    }
  }
}
