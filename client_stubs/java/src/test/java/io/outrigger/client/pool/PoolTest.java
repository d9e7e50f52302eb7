package io.outrigger.client.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.outrigger.client.Await;
import io.outrigger.client.Interrupted;
import io.outrigger.client.Outrigger;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.PendingLeases;
import io.outrigger.client.Sidecars;
import io.outrigger.client.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolTest {
  private final Outrigger outrigger = Sidecars.connect();
  private final Pool pool = outrigger.pool("capped");
  private final AcquireOptions patient =
      AcquireOptions.usual().withMaxWait(Duration.ofSeconds(20));

  @AfterEach
  void close() {
    outrigger.close();
  }

  private List<Lease> takeAll() {
    List<Lease> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(pool.acquire(patient));
    }
    return all;
  }

  @Test
  void whoIsInterruptedLeavesTheQueue() throws Exception {
    List<Lease> all = takeAll();
    Interrupted<OutriggerException.Code> waiter =
        new Interrupted<>(
            () -> {
              try {
                pool.acquire(patient).close();
                return null;
              } catch (OutriggerException cancelled) {
                return cancelled.code();
              }
            });
    Await.until(() -> PendingLeases.of(outrigger) == 5);
    assertEquals(OutriggerException.Code.CANCELLED, waiter.interrupt());
    all.forEach(Lease::close);
    takeAll().forEach(Lease::close);
    Await.until(() -> PendingLeases.of(outrigger) == 0);
  }

  @Test
  void aCancelledFutureGivesItsLeaseBack() throws Exception {
    for (int i = 0; i < 200; i++) {
      CompletableFuture<Lease> asked = pool.acquireAsync(patient);
      if (!asked.cancel(true)) {
        asked.join().close();
      }
    }
    takeAll().forEach(Lease::close);
    Await.until(() -> PendingLeases.of(outrigger) == 0);
  }

  @Test
  void aFutureThatIsCompletedByOthersGivesItsLeaseBack() throws Exception {
    List<Lease> all = takeAll();
    CompletableFuture<Lease> waiting = pool.acquireAsync(patient);
    Await.until(() -> PendingLeases.of(outrigger) == 5);
    waiting.complete(null);
    Await.until(() -> PendingLeases.of(outrigger) == 4);
    all.forEach(Lease::close);
    for (int i = 0; i < 200; i++) {
      CompletableFuture<Lease> asked = pool.acquireAsync(patient);
      if (!asked.completeExceptionally(new TimeoutException())) {
        asked.join().close();
      }
    }
    takeAll().forEach(Lease::close);
    Await.until(() -> PendingLeases.of(outrigger) == 0);
  }

  @Test
  void closingTheClientLosesWhatItHeld() throws Exception {
    Outrigger other = Sidecars.connect();
    Lease lease = other.pool("capped").acquire(patient);
    CountDownLatch told = new CountDownLatch(1);
    lease.onLost(told::countDown);
    assertFalse(lease.isLost());
    other.close();
    told.await();
    assertTrue(lease.isLost());
    takeAll().forEach(Lease::close);
  }

  @Test
  void theScopedFormReturnsWhatItsBodyDoes() {
    assertEquals(
        "a", pool.<String, RuntimeException>with(patient, lease -> "a" + lease.endpoint()));
    IllegalStateException failure = new IllegalStateException("mine");
    assertEquals(
        failure,
        assertThrows(
            IllegalStateException.class,
            () ->
                pool.<String, RuntimeException>with(
                    patient,
                    lease -> {
                      throw failure;
                    })));
  }

  @Test
  void withoutASidecarThereIsAShareOfTheProcess() {
    try (Outrigger alone = Outrigger.connect(Sidecars.gone().build())) {
      AcquireOptions now = AcquireOptions.usual().withMaxWait(Duration.ZERO);
      PoolUnavailableException refused =
          assertThrows(
              PoolUnavailableException.class, () -> alone.pool("orders").acquire(now));
      assertEquals(Source.FALLBACK, refused.source());
      Pool sharing = alone.pool("orders", PoolPolicy.share(1, "127.0.0.1:1"));
      try (Lease lease = sharing.acquire(now)) {
        assertEquals("127.0.0.1:1", lease.endpoint());
        assertThrows(PoolUnavailableException.class, () -> sharing.acquire(now));
      }
      sharing.acquire(now).close();
    }
  }

  @Test
  void aShareThatNobodyTakesIsFreeAgain() throws Exception {
    try (Outrigger alone = Outrigger.connect(Sidecars.gone().build())) {
      AcquireOptions now = AcquireOptions.usual().withMaxWait(Duration.ZERO);
      Pool sharing = alone.pool("orders", PoolPolicy.share(1, "127.0.0.1:1"));
      for (int i = 0; i < 200; i++) {
        CompletableFuture<Lease> asked = sharing.acquireAsync(now);
        if (!asked.complete(null) && !asked.isCompletedExceptionally()) {
          asked.join().close();
        }
      }
      Await.until(
          () -> {
            try {
              sharing.acquire(now).close();
              return true;
            } catch (PoolUnavailableException stillHeld) {
              return false;
            }
          });
    }
  }
}
