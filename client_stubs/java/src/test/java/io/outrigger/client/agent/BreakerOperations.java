package io.outrigger.client.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outrigger.client.CallResult;
import io.outrigger.client.Outrigger;
import io.outrigger.client.breaker.Breaker;
import io.outrigger.client.breaker.BreakerOpenException;
import io.outrigger.client.breaker.BreakerStatus;
import io.outrigger.client.breaker.Permit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The operations on breakers. */
record BreakerOperations(Supplier<Outrigger> client, Holds holds) {

  void addTo(Map<String, Operations.Blocking> operations) {
    operations.put("breaker_call", this::call);
    operations.put("breaker_state", this::state);
    operations.put(
        "breaker_flush",
        args -> {
          client.get().flushOutcomes().join();
          return Operations.answer();
        });
  }

  private Breaker breaker(Args args) {
    Breaker breaker = client.get().breaker(args.text("breaker"));
    return args.has("method") ? breaker.method(args.text("method")) : breaker;
  }

  private ObjectNode call(Args args) {
    ObjectNode answer = Operations.answer();
    try (Permit permit = breaker(args).enter()) {
      holds.waitFor(args.text("hold"));
      permit.end(
          CallResult.valueOf(args.text("result", "success").toUpperCase(Locale.ROOT)));
      return answer
          .put("allowed", true)
          .put("source", permit.source().name().toLowerCase(Locale.ROOT));
    } catch (BreakerOpenException denied) {
      denied
          .retryAfter()
          .ifPresent(time -> answer.put("retry_after_ms", Operations.millis(time)));
      return answer
          .put("allowed", false)
          .put("state", denied.state().name())
          .put("reason", denied.reason().name())
          .put("source", denied.source().name().toLowerCase(Locale.ROOT));
    }
  }

  private ObjectNode state(Args args) {
    Optional<BreakerStatus> status = breaker(args).status();
    ObjectNode answer =
        Operations.answer().put("known", status.map(BreakerStatus::valid).orElse(false));
    status.ifPresent(
        told ->
            answer
                .put("state", told.state().name())
                .put("admit_ratio", told.admitRatio())
                .put("generation", Long.toUnsignedString(told.generation())));
    return answer;
  }
}
