package io.outrigger.client.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outrigger.client.CallResult;
import io.outrigger.client.Outrigger;
import io.outrigger.client.pool.AcquireOptions;
import io.outrigger.client.pool.Lease;
import io.outrigger.client.pool.PoolUnavailableException;
import io.outrigger.pool.v1.Role;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The operations on pools. */
final class PoolOperations {
  private final Supplier<Outrigger> client;
  private final Map<String, Lease> leases = new ConcurrentHashMap<>();

  PoolOperations(Supplier<Outrigger> client) {
    this.client = client;
  }

  void addTo(
      Map<String, Operations.Operation> operations, Map<String, Operations.Blocking> blocking) {
    operations.put("acquire", this::acquire);
    blocking.put("release", this::release);
    blocking.put("lease", this::lease);
    blocking.put("with_lease", this::withLease);
  }

  private static AcquireOptions options(Args args) {
    AcquireOptions options = AcquireOptions.usual().withSessionKey(args.text("session_key"));
    if (args.has("max_wait_ms")) {
      options = options.withMaxWait(args.time("max_wait_ms"));
    }
    return args.has("role") ? options.withRole(Role.valueOf(args.text("role"))) : options;
  }

  private CompletableFuture<ObjectNode> acquire(Args args) {
    return client
        .get()
        .pool(args.text("pool"))
        .acquireAsync(options(args))
        .handle(
            (lease, failure) -> {
              if (lease != null) {
                leases.put(args.text("as"), lease);
                return acquired(lease);
              }
              Throwable cause =
                  failure instanceof CompletionException ? failure.getCause() : failure;
              if (cause instanceof PoolUnavailableException refused) {
                return refused(refused);
              }
              throw new CompletionException(cause);
            });
  }

  private static ObjectNode acquired(Lease lease) {
    return Operations.answer()
        .put("acquired", true)
        .put("endpoint", lease.endpoint())
        .put("fencing_token", Long.toUnsignedString(lease.fencingToken()))
        .put("overflow", lease.isOverflow())
        .put("source", lease.source().name().toLowerCase(Locale.ROOT));
  }

  private static ObjectNode refused(PoolUnavailableException refused) {
    ObjectNode answer =
        Operations.answer()
            .put("acquired", false)
            .put("reason", refused.reason().name())
            .put("advice", refused.advice().name())
            .put("source", refused.source().name().toLowerCase(Locale.ROOT));
    refused
        .retryAfter()
        .ifPresent(time -> answer.put("retry_after_ms", Operations.millis(time)));
    return answer;
  }

  private ObjectNode release(Args args) {
    Lease lease = leases.get(args.text("as"));
    if (args.has("result")) {
      lease.result(CallResult.valueOf(args.text("result").toUpperCase(Locale.ROOT)));
    }
    lease.close();
    return Operations.answer();
  }

  private ObjectNode lease(Args args) {
    return Operations.answer().put("lost", leases.get(args.text("as")).isLost());
  }

  private ObjectNode withLease(Args args) {
    boolean fails = args.flag("fail");
    try {
      client
          .get()
          .pool(args.text("pool"))
          .with(
              options(args),
              lease -> {
                if (fails) {
                  throw new IllegalStateException("as told");
                }
                return null;
              });
      return Operations.answer().put("acquired", true).put("threw", false);
    } catch (IllegalStateException asTold) {
      return Operations.answer().put("acquired", true).put("threw", true);
    } catch (PoolUnavailableException refused) {
      return refused(refused);
    }
  }
}
