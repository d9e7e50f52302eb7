package io.outrigger.client.breaker;

import io.outrigger.breaker.v1.BreakerGrpc;
import io.outrigger.breaker.v1.Outcome;
import io.outrigger.breaker.v1.ReportRequest;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.SidecarFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Tells the sidecar how calls ended: in order, one report at a time, what is urgent at once and the
 * rest within 100 ms. Thread-safe.
 *
 * <p>A report that is not answered is not sent again: it may have been counted.
 */
final class OutcomeReporter {
  static final int MOST_WAITING = 10_000;
  private static final int MOST_IN_A_REPORT = 1000;
  private static final Duration LONGEST_WAIT = Duration.ofMillis(100);

  private record Flush(long target, CompletableFuture<Void> done) {}

  private final Sidecar sidecar;
  private final Queue<Permit> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCount = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private final AtomicBoolean timed = new AtomicBoolean();
  private final AtomicBoolean called = new AtomicBoolean();

  // Of the loop's thread.
  private boolean underWay;
  private boolean again;
  private long sent; // so many outcomes so far
  private long settled; // so many of them were answered or given up
  private final Queue<Flush> flushes = new ArrayDeque<>();

  OutcomeReporter(Sidecar sidecar) {
    this.sidecar = sidecar;
  }

  void add(Permit ended) {
    waiting.add(ended);
    int count = waitingCount.incrementAndGet();
    if (count > MOST_WAITING && waiting.poll() != null) {
      waitingCount.decrementAndGet();
      dropped.increment();
    }
    if (ended.isUrgent() || count >= MOST_IN_A_REPORT) {
      if (!called.get() && called.compareAndSet(false, true)) {
        sidecar.run(this::send);
      }
    } else if (!timed.get() && timed.compareAndSet(false, true)) {
      sidecar.run(this::sendLater);
    }
  }

  /** Outcomes that do not count: too many waited, or their breaker is a mistake. */
  long dropped() {
    return dropped.sum();
  }

  /** Completes, on the loop's thread, when all outcomes so far were answered or given up. */
  CompletableFuture<Void> flush() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    boolean begun =
        sidecar.run(
            () -> {
              flushes.add(new Flush(sent + waitingCount.get(), done));
              send();
              completeFlushes();
            });
    if (!begun) {
      done.complete(null);
    }
    return done;
  }

  private void sendLater() {
    sidecar
        .loop()
        .schedule(
            () -> {
              timed.set(false); // before the queue is read: who comes later sets it again
              send();
            },
            LONGEST_WAIT.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  private void send() {
    called.set(false);
    if (underWay) {
      again = true;
      return;
    }
    ReportRequest.Builder report = ReportRequest.newBuilder();
    while (report.getOutcomesCount() < MOST_IN_A_REPORT) {
      Permit next = waiting.poll();
      if (next == null) {
        break;
      }
      waitingCount.decrementAndGet();
      report.addOutcomes(next.outcome());
    }
    int count = report.getOutcomesCount();
    if (count == 0) {
      return;
    }
    underWay = true;
    again = count == MOST_IN_A_REPORT;
    sent += count;
    deliver(report.build()).whenComplete((done, failure) -> sidecar.run(() -> answered(count)));
  }

  // After a mistake nothing of a report was counted: so that it costs one breaker's outcomes only,
  // each breaker's are then reported by themselves.
  private CompletableFuture<Void> deliver(ReportRequest report) {
    return sidecar
        .call(BreakerGrpc.getReportMethod(), report, Sidecar.UNHURRIED)
        .handle((response, failure) -> failure)
        .thenCompose(
            failure -> {
              if (!(failure instanceof SidecarFailure sidecars)
                  || sidecars.callersOrNull() == null) {
                return CompletableFuture.completedFuture(null);
              }
              Map<String, ReportRequest.Builder> apart = new LinkedHashMap<>();
              for (Outcome outcome : report.getOutcomesList()) {
                apart
                    .computeIfAbsent(outcome.getBreaker(), breaker -> ReportRequest.newBuilder())
                    .addOutcomes(outcome);
              }
              if (apart.size() == 1) {
                dropped.add(report.getOutcomesCount());
                return CompletableFuture.completedFuture(null);
              }
              return CompletableFuture.allOf(
                  apart.values().stream()
                      .map(one -> deliver(one.build()))
                      .toArray(CompletableFuture<?>[]::new));
            });
  }

  private void answered(int count) {
    underWay = false;
    settled += count;
    if (again || !flushes.isEmpty()) {
      again = false;
      send();
    }
    completeFlushes();
  }

  private void completeFlushes() {
    // What was dropped meanwhile is neither sent nor waits.
    while (!flushes.isEmpty()
        && (settled >= flushes.peek().target() || !underWay && waiting.isEmpty())) {
      flushes.poll().done().complete(null);
    }
  }
}
