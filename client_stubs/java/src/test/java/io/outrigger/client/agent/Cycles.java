package io.outrigger.client.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outrigger.client.Outrigger;
import io.outrigger.client.PendingLeases;
import io.outrigger.client.breaker.Permit;
import io.outrigger.client.pool.AcquireOptions;
import io.outrigger.client.pool.Lease;
import io.outrigger.client.pool.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** The operations that do the same very often, to see that nothing is left behind. */
final class Cycles {
  private static final int AT_A_TIME = 32;

  private Cycles() {}

  static ObjectNode leases(Outrigger client, String pool, int count) {
    AtomicInteger left = new AtomicInteger(count);
    AtomicInteger acquired = new AtomicInteger();
    List<CompletableFuture<Void>> cycles = new ArrayList<>();
    for (int i = 0; i < AT_A_TIME; i++) {
      cycles.add(cycle(client.pool(pool), left, acquired));
    }
    cycles.forEach(CompletableFuture::join);
    return Operations.answer()
        .put("acquired", acquired.get())
        .put("pending", PendingLeases.of(client));
  }

  private static CompletableFuture<Void> cycle(
      Pool pool, AtomicInteger left, AtomicInteger acquired) {
    if (left.getAndDecrement() <= 0) {
      return CompletableFuture.completedFuture(null);
    }
    return pool.acquireAsync(AcquireOptions.usual())
        .thenAccept(
            lease -> {
              acquired.incrementAndGet();
              lease.close();
            })
        .thenCompose(done -> cycle(pool, left, acquired));
  }

  static ObjectNode clients(int count) {
    for (int i = 0; i < count; i++) {
      try (Outrigger client = Outrigger.connect()) {
        client.limiter().allow(Map.of("org", "clients"));
        try (Lease lease = client.pool("wide").acquire();
            Permit permit = client.breaker("bench").enter()) {
          permit.success();
        }
      }
    }
    return Operations.answer().put("done", count);
  }
}
