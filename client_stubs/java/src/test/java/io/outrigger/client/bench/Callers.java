package io.outrigger.client.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Threads that call the same over and over, until closed; and what is measured with them. */
final class Callers implements AutoCloseable {
  private static final int ROUNDS = 5;

  /** Two things' medians, of rounds in turns. */
  record Medians(double first, double second) {}

  private final List<Thread> threads = new ArrayList<>();
  private final LongAdder calls = new LongAdder();
  private final AtomicLong longestNanos = new AtomicLong();
  private volatile boolean ended;

  Callers(int count, Runnable call) {
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(() -> run(call));
      threads.add(thread);
      thread.start();
    }
  }

  private void run(Runnable call) {
    long longest = 0;
    while (!ended) {
      long began = System.nanoTime();
      call.run();
      longest = Math.max(longest, System.nanoTime() - began);
      calls.increment();
    }
    longestNanos.accumulateAndGet(longest, Math::max);
  }

  /** Waits until so many calls were made, and forgets how long they took. */
  void afterCalls(long count) throws InterruptedException {
    until(() -> calls.sum() >= count);
  }

  double longestMillis() throws InterruptedException {
    close();
    return longestNanos.get() / 1e6;
  }

  @Override
  public void close() throws InterruptedException {
    ended = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** Median microseconds of a call of one thread, for both. */
  static Medians latencies(Runnable first, Runnable second) {
    double[] firsts = new double[ROUNDS];
    double[] seconds = new double[ROUNDS];
    latency(first, 20_000);
    latency(second, 20_000);
    for (int i = 0; i < ROUNDS; i++) {
      firsts[i] = latency(first, 5_000);
      seconds[i] = latency(second, 5_000);
    }
    return new Medians(median(firsts), median(seconds));
  }

  private static double latency(Runnable call, int count) {
    double[] micros = new double[count];
    for (int i = 0; i < count; i++) {
      long began = System.nanoTime();
      call.run();
      micros[i] = (System.nanoTime() - began) / 1e3;
    }
    return median(micros);
  }

  /** Median calls a second of so many threads, for both. */
  static Medians rates(int callers, Runnable first, Runnable second) throws InterruptedException {
    double[] firsts = new double[ROUNDS];
    double[] seconds = new double[ROUNDS];
    rate(callers, first, 100_000);
    rate(callers, second, 50_000);
    for (int i = 0; i < ROUNDS; i++) {
      firsts[i] = rate(callers, first, 50_000);
      seconds[i] = rate(callers, second, 15_000);
    }
    return new Medians(median(firsts), median(seconds));
  }

  private static double rate(int count, Runnable call, long forCalls) throws InterruptedException {
    try (Callers callers = new Callers(count, call)) {
      long began = System.nanoTime();
      callers.afterCalls(forCalls);
      return callers.calls.sum() / ((System.nanoTime() - began) / 1e9);
    }
  }

  /** Median nanoseconds of a decision; what it gives is not used further. */
  static double nanosEach(Supplier<?> decision) {
    double[] rounds = new double[2 * ROUNDS];
    int count = 2_000_000;
    long seen = 0;
    for (int i = 0; i < rounds.length; i++) {
      long began = System.nanoTime();
      for (int j = 0; j < count; j++) {
        seen += decision.get() == null ? 1 : 0;
      }
      rounds[i] = (System.nanoTime() - began) / (double) count;
    }
    if (seen > 0) {
      throw new IllegalStateException("no decision");
    }
    return median(Arrays.copyOfRange(rounds, ROUNDS, rounds.length));
  }

  /** Waits for a condition. */
  static void until(BooleanSupplier condition) throws InterruptedException {
    long giveUp = System.nanoTime() + 30_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > giveUp) {
        throw new IllegalStateException("not within 30 s");
      }
      Thread.sleep(1); // a poll within a wait that has a deadline
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
