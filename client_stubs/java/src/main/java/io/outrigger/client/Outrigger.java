package io.outrigger.client;

import io.outrigger.client.breaker.Breaker;
import io.outrigger.client.breaker.BreakerOptions;
import io.outrigger.client.breaker.Breakers;
import io.outrigger.client.cache.Cache;
import io.outrigger.client.cache.Caches;
import io.outrigger.client.cache.Codec;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.Target;
import io.outrigger.client.limits.Limiter;
import io.outrigger.client.pool.Pool;
import io.outrigger.client.pool.PoolPolicy;
import io.outrigger.client.pool.Pools;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A client of the sidecar: limits, cache, breakers and pools. Make one for the application, and
 * close it at the end. Thread-safe.
 *
 * <pre>{@code
 * try (Outrigger outrigger = Outrigger.connect()) {
 *   if (outrigger.limiter().allow(Map.of("user", "42")).allowed()) {
 *     …
 *   }
 * }
 * }</pre>
 *
 * <p>Nothing connects before the first call, and a sidecar that is not there, or not yet, is no
 * error: each part then answers by its policy ({@link OutriggerOptions}), within the timeout. Clients
 * of the same target share one connection and one thread.
 */
public final class Outrigger implements AutoCloseable {
  private static final Duration LAST_WORDS = Duration.ofMillis(250);

  private final Sidecar sidecar;
  private final ClientThreads threads;
  private final Limiter limiter;
  private final Caches caches;
  private final Breakers breakers;
  private final Pools pools;

  private Outrigger(OutriggerOptions options) {
    Target target = Target.find(options.target(), System.getenv());
    threads = new ClientThreads(options);
    sidecar = new Sidecar(target, options.timeout(), threads.callbacks());
    limiter = new Limiter(sidecar, options.limits());
    caches = new Caches(sidecar, threads.loads());
    breakers = new Breakers(sidecar, options.breakers(), options.classifier());
    pools = new Pools(sidecar, options.pools(), options.classifier());
  }

  /**
   * A client with all options as usual.
   *
   * @return to be closed
   * @throws IllegalArgumentException if {@code OUTRIGGER_TARGET} cannot be understood
   * @throws IllegalStateException if the target is a Unix socket and this is not Linux
   */
  public static Outrigger connect() {
    return connect(OutriggerOptions.builder().build());
  }

  /**
   * A client.
   *
   * @param options how it connects, and what it does without a sidecar
   * @return to be closed
   * @throws IllegalArgumentException if the target cannot be understood
   * @throws IllegalStateException if the target is a Unix socket and this is not Linux
   */
  public static Outrigger connect(OutriggerOptions options) {
    return new Outrigger(options);
  }

  /**
   * The rate limits.
   *
   * @return the same object each time
   */
  public Limiter limiter() {
    return limiter;
  }

  /**
   * One namespace of the cache.
   *
   * @param <T> the values' type
   * @param namespace a configured name
   * @param codec turns values into bytes and back
   * @return costs nothing to make again
   */
  public <T> Cache<T> cache(String namespace, Codec<T> codec) {
    return caches.cache(namespace, codec);
  }

  /**
   * A breaker.
   *
   * @param name a configured one
   * @return costs little to make again; who calls often keeps it
   */
  public Breaker breaker(String name) {
    return breaker(name, BreakerOptions.usual());
  }

  /**
   * A breaker with a classifier, a policy or a timeout of its own.
   *
   * @param name a configured one
   * @param options how it is used
   * @return costs little to make again; who calls often keeps it
   */
  public Breaker breaker(String name, BreakerOptions options) {
    return breakers.breaker(name, options);
  }

  /**
   * A pool.
   *
   * @param name a configured one
   * @return costs little to make again
   */
  public Pool pool(String name) {
    return pools.pool(name, null);
  }

  /**
   * A pool with a policy of its own.
   *
   * @param name a configured one
   * @param policy answers when the sidecar does not
   * @return costs little to make again
   */
  public Pool pool(String name, PoolPolicy policy) {
    return pools.pool(name, policy);
  }

  /**
   * How many calls have begun, and how many of them the sidecar did not answer.
   *
   * @return since this client was connected
   */
  public Stats stats() {
    return new Stats(
        limiter.counts().read(),
        caches.counts().read(),
        breakers.counts().read(),
        pools.counts().read());
  }

  /**
   * Tells the sidecar how all breakers' calls so far have ended; for tests, and before a process
   * that was suspended goes on.
   *
   * @return completes when it has answered, or has not in time
   */
  public CompletableFuture<Void> flushOutcomes() {
    sidecar.checkOpen();
    return breakers.flush().thenApplyAsync(done -> done, threads.callbacks());
  }

  /**
   * Ends streams and gives back what is held. Calls under way are answered by their policies; calls
   * afterwards are errors with the code CLOSED. Waits for the sidecar for at most 250 ms. The second
   * time it does nothing.
   */
  @Override
  public void close() {
    if (!sidecar.refuseCalls()) {
      return;
    }
    limiter.close();
    awaitBriefly(
        CompletableFuture.allOf(caches.abandonLoads(), breakers.flush(), pools.giveBack()));
    breakers.close();
    pools.cancel();
    sidecar.endCalls();
    sidecar.release();
    threads.close();
  }

  /** What is kept of leases and those who wait for them; for tests. */
  CompletableFuture<Integer> pendingLeases() {
    return pools.pending();
  }

  // Also in a thread that is interrupted, which is what often closes a client.
  private static void awaitBriefly(CompletableFuture<?> lastWords) {
    try {
      lastWords.orTimeout(LAST_WORDS.toNanos(), TimeUnit.NANOSECONDS).join();
    } catch (CompletionException unheard) {
      return; // the streams' end says the same
    }
  }
}
