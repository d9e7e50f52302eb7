package io.outrigger.client.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outrigger.client.Outrigger;
import io.outrigger.client.Source;
import io.outrigger.client.limits.Decision;
import io.outrigger.client.limits.LimitReport;
import io.outrigger.client.limits.LimitRequest;
import io.outrigger.client.limits.LimitStatus;
import io.outrigger.client.limits.RateLimitHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The operations on limits. */
record LimitOperations(Supplier<Outrigger> client) {

  void addTo(Map<String, Operations.Operation> operations) {
    operations.put("allow", args -> decision(client.get().limiter().allow(request(args))));
    operations.put("allow_burst", this::burst);
    operations.put("wait_if_needed", this::waitIfNeeded);
    operations.put("report_outcome", this::report);
    operations.put("refund", this::refund);
    operations.put("headers", this::headers);
  }

  private static LimitRequest request(Args args) {
    LimitRequest request = LimitRequest.of(args.map("attributes"));
    if (args.has("cost")) {
      request = request.withCost(args.number("cost", 1));
    }
    if (args.has("limit")) {
      request = request.withLimit(args.text("limit"));
    }
    if (args.has("max_wait_ms")) {
      request = request.withMaxWait(args.time("max_wait_ms"));
    }
    return args.flag("detail") ? request.withDetail() : request;
  }

  private static ObjectNode decision(Decision decision) {
    ObjectNode answer = Operations.answer();
    answer.put("allowed", decision.allowed());
    answer.put("limit", decision.limit());
    answer.put("remaining", decision.remaining());
    decision.retryAfter().ifPresent(time -> answer.put("retry_after_ms", Operations.millis(time)));
    answer.put("reset_after_ms", Operations.millis(decision.resetAfter()));
    answer.put("degraded", decision.degraded());
    answer.put("source", decision.source().name().toLowerCase(Locale.ROOT));
    ArrayNode statuses = answer.putArray("statuses");
    for (LimitStatus status : decision.statuses()) {
      statuses
          .addObject()
          .put("limit", status.limit())
          .put("allowed", status.allowed())
          .put("remaining", status.remaining())
          .put("burst", status.burst())
          .put("window_ms", Operations.millis(status.window()));
    }
    return answer;
  }

  private ObjectNode burst(Args args) {
    List<CompletableFuture<Decision>> asked = new ArrayList<>();
    for (long i = args.number("count", 1); i > 0; i--) {
      asked.add(client.get().limiter().allowAsync(args.map("attributes")));
    }
    int allowed = 0;
    int fallbacks = 0;
    for (CompletableFuture<Decision> one : asked) {
      Decision decision = one.join();
      allowed += decision.allowed() ? 1 : 0;
      fallbacks += decision.source() == Source.FALLBACK ? 1 : 0;
    }
    return Operations.answer()
        .put("allowed", allowed)
        .put("denied", asked.size() - allowed)
        .put("fallbacks", fallbacks);
  }

  private ObjectNode waitIfNeeded(Args args) {
    if (args.has("cost")) {
      return decision(
          client
              .get()
              .limiter()
              .allow(request(args).withMaxWait(args.time("max_wait_ms"))));
    }
    Map<String, String> attributes = args.map("attributes");
    return decision(
        args.has("max_wait_ms")
            ? client.get().limiter().waitIfNeeded(attributes, args.time("max_wait_ms"))
            : client.get().limiter().waitIfNeeded(attributes));
  }

  private ObjectNode report(Args args) {
    LimitReport report =
        LimitReport.of(
                args.map("attributes"),
                LimitReport.Result.valueOf(args.text("result").toUpperCase(Locale.ROOT)))
            .withLimit(args.text("limit"));
    ObjectNode answer = Operations.answer();
    client.get().limiter().report(report).ifPresent(rate -> answer.put("current_rate", rate));
    return answer;
  }

  private ObjectNode refund(Args args) {
    client.get().limiter().refund(request(args));
    return Operations.answer();
  }

  private ObjectNode headers(Args args) {
    Decision decision = client.get().limiter().allow(request(args).withDetail());
    ObjectNode answer = Operations.answer().put("status", decision.allowed() ? 200 : 429);
    ObjectNode headers = answer.putObject("headers");
    RateLimitHeaders.of(decision)
        .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    return answer;
  }
}
