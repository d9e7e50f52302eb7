package io.outrigger.client.breaker;

import io.outrigger.client.Classifier;
import io.outrigger.client.connection.PartCounts;
import io.outrigger.client.connection.Sidecar;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** What all breakers of a client have in common. Thread-safe. Not for applications. */
public final class Breakers implements AutoCloseable {
  // Beyond so many methods their local records would only fill memory; the rest share one.
  private static final int MOST_LOCAL = 1000;

  final Sidecar sidecar;
  final BreakerWatch watch;
  final OutcomeReporter reporter;
  final BreakerPolicy policy;
  final Classifier classifier;
  private final PartCounts counts = new PartCounts();
  private final Map<LocalKey, LocalBreaker> local = new ConcurrentHashMap<>();

  private record LocalKey(String breaker, String method, BreakerPolicy.Local policy) {}

  /**
   * Made by {@code Outrigger}.
   *
   * @param sidecar whom to ask
   * @param policy decides when it does not
   * @param classifier of failures
   */
  public Breakers(Sidecar sidecar, BreakerPolicy policy, Classifier classifier) {
    this.sidecar = sidecar;
    this.watch = new BreakerWatch(sidecar);
    this.reporter = new OutcomeReporter(sidecar);
    this.policy = policy;
    this.classifier = classifier;
  }

  /**
   * One breaker.
   *
   * @param name a configured one
   * @param options how it is used
   * @return costs little to make again
   */
  public Breaker breaker(String name, BreakerOptions options) {
    return new Breaker(this, name, "", options);
  }

  /**
   * What was counted so far.
   *
   * @return this part's
   */
  public PartCounts counts() {
    return counts;
  }

  /**
   * Reports all outcomes so far.
   *
   * @return completes when they were answered or given up
   */
  public CompletableFuture<Void> flush() {
    return reporter.flush();
  }

  /** Ends the watch. */
  @Override
  public void close() {
    watch.close();
  }

  LocalBreaker localOf(String breaker, String method, BreakerPolicy.Local policy) {
    LocalKey key = new LocalKey(breaker, method, policy);
    LocalBreaker known = local.get(key);
    if (known != null) {
      return known;
    }
    LocalKey kept = local.size() < MOST_LOCAL ? key : new LocalKey(breaker, "", policy);
    return local.computeIfAbsent(kept, unknown -> new LocalBreaker(policy, System::nanoTime));
  }
}
