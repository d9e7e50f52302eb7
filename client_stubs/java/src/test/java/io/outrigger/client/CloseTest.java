package io.outrigger.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.outrigger.client.breaker.Breaker;
import io.outrigger.client.breaker.BreakerOptions;
import io.outrigger.client.breaker.BreakerPolicy;
import io.outrigger.client.breaker.Breakers;
import io.outrigger.client.cache.Cache;
import io.outrigger.client.cache.CacheOptions;
import io.outrigger.client.cache.Cached;
import io.outrigger.client.cache.Caches;
import io.outrigger.client.cache.Codec;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.Target;
import io.outrigger.client.limits.LimitPolicy;
import io.outrigger.client.limits.LimitReport;
import io.outrigger.client.limits.Limiter;
import io.outrigger.client.pool.AcquireOptions;
import io.outrigger.client.pool.Pool;
import io.outrigger.client.pool.PoolPolicy;
import io.outrigger.client.pool.PoolUnavailableException;
import io.outrigger.client.pool.Pools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls and close at the same time. */
class CloseTest {
  private static final Map<String, String> USER = Map.of("user", "1");
  private static final int ROUNDS = 40;
  private static final int CALLERS = 4;

  // What a call finds that close overtakes as it begins: all has ended, but it is not refused.
  private final ClientThreads threads = new ClientThreads(OutriggerOptions.builder().build());
  private final Sidecar ended =
      new Sidecar(
          Target.find("unix:/nobody/" + Sidecars.unique(), Map.of()),
          Duration.ofSeconds(20),
          threads.callbacks());

  @BeforeEach
  void end() throws Exception {
    ended.endCalls();
    ended.release();
    threads.close();
    ended.loop().terminationFuture().await();
  }

  @Test
  void limitsOvertakenByCloseAreThePolicys() {
    Limiter limiter = new Limiter(ended, LimitPolicy.allow());
    assertEquals(Source.FALLBACK, limiter.allow(USER).source());
    assertEquals(Source.FALLBACK, limiter.allowAsync(USER).join().source());
    assertEquals(Source.FALLBACK, limiter.waitIfNeeded(USER).source());
    limiter.report(LimitReport.of(USER, LimitReport.Result.SUCCESS));
    assertEquals(new Stats.Part(4, 4), limiter.counts().read());
  }

  @Test
  void loadsOvertakenByCloseAreTheLoaders() {
    Caches caches = new Caches(ended, threads.loads());
    Cache<String> cache = caches.cache("profiles", Codec.text());
    CacheOptions usual = CacheOptions.usual();
    Cached<String> loaded = new Cached<>("a", true, false, false, Source.FALLBACK);
    assertEquals(loaded, cache.getOrLoad("1", key -> "a"));
    assertEquals(
        loaded,
        cache.getOrLoadAsync("1", key -> CompletableFuture.completedFuture("a"), usual).join());
    assertEquals(
        Map.of("1", loaded), cache.getOrLoadMany(List.of("1"), keys -> Map.of("1", "a"), usual));
    assertEquals(Source.FALLBACK, cache.getAsync("1").join().source());
    assertEquals(new Stats.Part(4, 4), caches.counts().read());
  }

  @Test
  void decisionsOvertakenByCloseAreThePolicys() {
    Breakers breakers = new Breakers(ended, BreakerPolicy.allow(), Classifier.usual());
    Breaker breaker = breakers.breaker("bench", BreakerOptions.usual());
    assertEquals(Source.FALLBACK, breaker.enter().source());
    assertEquals(Source.FALLBACK, breaker.enterAsync().join().source());
    assertEquals(new Stats.Part(2, 2), breakers.counts().read());
  }

  @Test
  void leasesOvertakenByCloseAreThePolicys() {
    Pools pools = new Pools(ended, PoolPolicy.refuse(), Classifier.usual());
    Pool refusing = pools.pool("orders", null);
    assertThrows(PoolUnavailableException.class, refusing::acquire);
    assertEquals(
        PoolUnavailableException.class,
        assertThrows(
                CompletionException.class,
                () -> refusing.acquireAsync(AcquireOptions.usual()).join())
            .getCause()
            .getClass());
    pools.pool("orders", PoolPolicy.share(1, "127.0.0.1:1")).acquire().close();
    assertEquals(new Stats.Part(3, 3), pools.counts().read());
  }

  @Test
  void aCallIsEitherCountedAndAnsweredOrRefused() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      closeUnderCalls(client -> client.limiter().allow(USER).source());
      closeUnderCalls(client -> client.limiter().allowAsync(USER).join().source());
      closeUnderCalls(client -> client.limiter().waitIfNeeded(USER).source());
    }
  }

  private static void closeUnderCalls(Function<Outrigger, Source> call) throws Exception {
    Outrigger client = Outrigger.connect(Sidecars.gone().build());
    CountDownLatch begun = new CountDownLatch(CALLERS);
    List<CompletableFuture<Long>> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      callers.add(
          CompletableFuture.supplyAsync(
              () -> untilClosed(client, call, begun), task -> new Thread(task).start()));
    }
    begun.await();
    client.close();
    long answered = callers.stream().mapToLong(CompletableFuture::join).sum();
    assertEquals(new Stats.Part(answered, answered), client.stats().limits());
  }

  /** How many calls were answered. */
  private static long untilClosed(
      Outrigger client, Function<Outrigger, Source> call, CountDownLatch begun) {
    for (long answered = 0; ; answered++) {
      try {
        assertEquals(Source.FALLBACK, call.apply(client));
      } catch (OutriggerException refused) {
        assertEquals(OutriggerException.Code.CLOSED, refused.code());
        return answered;
      }
      begun.countDown();
    }
  }
}
