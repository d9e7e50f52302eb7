package io.outrigger.client.cache;

import io.outrigger.client.connection.PartCounts;
import io.outrigger.client.connection.Sidecar;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What all caches of a client have in common. Thread-safe. Not for applications. */
public final class Caches {
  private final Sidecar sidecar;
  private final Fills fills;
  private final BackgroundLoads background;
  private final PartCounts counts = new PartCounts();

  /**
   * Made by {@code Outrigger}.
   *
   * @param sidecar whom to ask
   * @param loads runs loaders in the background
   */
  public Caches(Sidecar sidecar, Executor loads) {
    this.sidecar = sidecar;
    this.fills = new Fills(sidecar);
    this.background = new BackgroundLoads(loads);
  }

  /**
   * One namespace's cache.
   *
   * @param <T> the values' type
   * @param namespace a configured name
   * @param codec turns values into bytes
   * @return costs nothing to make again
   */
  public <T> Cache<T> cache(String namespace, Codec<T> codec) {
    return new Cache<>(
        new CacheCalls<>(sidecar, counts, fills, background, namespace, codec));
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
   * Gives back all rights to load that are open. To be called before calls are refused.
   *
   * @return completes when the sidecar has answered, or has not in time
   */
  public CompletableFuture<Void> abandonLoads() {
    return fills.abandonAll();
  }
}
