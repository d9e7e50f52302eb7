package io.outrigger.client.agent;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outrigger.client.Outrigger;
import io.outrigger.client.OutriggerOptions;
import io.outrigger.client.Stats;
import io.outrigger.client.breaker.BreakerPolicy;
import io.outrigger.client.limits.LimitPolicy;
import io.outrigger.client.pool.PoolPolicy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** All operations, on the client as it was last configured. */
final class Operations {

  /** One operation; begun in the order of the requests. */
  interface Operation {
    CompletableFuture<ObjectNode> begin(Args args);
  }

  /** One that blocks, and so has a thread of its own. */
  interface Blocking {
    ObjectNode run(Args args) throws Exception;
  }

  private final Map<String, Operation> operations = new HashMap<>();
  private final Map<String, Blocking> blocking = new HashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile Outrigger client = Outrigger.connect();

  Operations() {
    Holds holds = new Holds();
    blocking.put("configure", this::configure);
    blocking.put("close", this::closeClient);
    blocking.put("stats", this::stats);
    blocking.put("unhold", args -> {
      holds.goOn(args.text("hold"));
      return answer();
    });
    blocking.put("cycle_clients", args -> Cycles.clients((int) args.number("count", 1)));
    blocking.put(
        "cycle_leases",
        args ->
            Cycles.leases(client, args.text("pool"), (int) args.number("count", 1)));
    new LimitOperations(() -> client).addTo(operations, blocking);
    new CacheOperations(() -> client, holds).addTo(blocking);
    new BreakerOperations(() -> client, holds).addTo(blocking);
    new PoolOperations(() -> client).addTo(operations, blocking);
  }

  /** Begins one; fails as the library does. */
  CompletableFuture<ObjectNode> begin(String name, Args args) {
    if (operations.containsKey(name)) {
      return operations.get(name).begin(args);
    }
    Blocking operation = blocking.get(name);
    if (operation == null) {
      throw new IllegalArgumentException("no operation is called " + name);
    }
    CompletableFuture<ObjectNode> answer = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            answer.complete(operation.run(args));
          } catch (Throwable failure) {
            answer.completeExceptionally(failure);
          }
        });
    return answer;
  }

  void close() {
    client.close();
  }

  static ObjectNode answer() {
    return JsonNodeFactory.instance.objectNode();
  }

  static double millis(Duration time) {
    return time.toNanos() / 1e6;
  }

  private ObjectNode configure(Args args) {
    client.close();
    OutriggerOptions.Builder options = OutriggerOptions.builder();
    if (args.has("timeout_ms")) {
      options.timeout(args.time("timeout_ms"));
    }
    options.limits(limits(args.at("limits")));
    options.breakers(breakers(args.at("breaker")));
    options.pools(pools(args.at("pool")));
    client = Outrigger.connect(options.build());
    return answer();
  }

  private static LimitPolicy limits(Args args) {
    return switch (args.text("on_unavailable", "allow")) {
      case "deny" -> LimitPolicy.deny();
      case "local" ->
          LimitPolicy.local(args.fraction("rate_per_s", 1), args.fraction("burst", 1));
      default -> LimitPolicy.allow();
    };
  }

  private static BreakerPolicy breakers(Args args) {
    return switch (args.text("on_unavailable", "local")) {
      case "allow" -> BreakerPolicy.allow();
      case "deny" -> BreakerPolicy.deny();
      default ->
          BreakerPolicy.local(
              (int) args.number("failures", 5),
              Duration.ofMillis(args.number("open_for_ms", 10_000)));
    };
  }

  private static PoolPolicy pools(Args args) {
    return switch (args.text("on_unavailable", "refuse")) {
      case "share" ->
          PoolPolicy.share((int) args.number("share", 1), args.text("endpoint"));
      default -> PoolPolicy.refuse();
    };
  }

  private ObjectNode closeClient(Args args) {
    client.close();
    return answer();
  }

  private ObjectNode stats(Args args) {
    Stats stats = client.stats();
    ObjectNode answer = answer();
    put(answer, "limits", stats.limits());
    put(answer, "cache", stats.cache());
    put(answer, "breaker", stats.breaker());
    put(answer, "pool", stats.pool());
    return answer;
  }

  private static void put(ObjectNode answer, String name, Stats.Part part) {
    answer.putObject(name).put("calls", part.calls()).put("fallbacks", part.fallbacks());
  }
}
