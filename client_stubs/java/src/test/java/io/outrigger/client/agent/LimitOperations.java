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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The operations on limits. */
record LimitOperations(Supplier<Outrigger> client) {

  void addTo(
      Map<String, Operations.Operation> operations, Map<String, Operations.Blocking> blocking) {
    operations.put(
        "allow",
        args ->
            client.get().limiter().allowAsync(request(args)).thenApply(LimitOperations::decision));
    operations.put("allow_burst", this::burst);
    operations.put("wait_if_needed", this::waitIfNeeded);
    blocking.put("report_outcome", this::report);
    blocking.put("refund", this::refund);
    blocking.put("headers", this::headers);
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

  private CompletableFuture<ObjectNode> burst(Args args) {
    List<CompletableFuture<Decision>> asked = new ArrayList<>();
    for (long i = args.number("count", 1); i > 0; i--) {
      asked.add(client.get().limiter().allowAsync(args.map("attributes")));
    }
    return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done -> {
              List<Decision> decisions = asked.stream().map(CompletableFuture::join).toList();
              long allowed = decisions.stream().filter(Decision::allowed).count();
              return Operations.answer()
                  .put("allowed", allowed)
                  .put("denied", decisions.size() - allowed)
                  .put(
                      "fallbacks",
                      decisions.stream().filter(one -> one.source() == Source.FALLBACK).count());
            });
  }

  private CompletableFuture<ObjectNode> waitIfNeeded(Args args) {
    Duration maxWait =
        args.has("max_wait_ms") ? args.time("max_wait_ms") : Duration.ofSeconds(1);
    return client
        .get()
        .limiter()
        .allowAsync(request(args).withMaxWait(maxWait))
        .thenApply(LimitOperations::decision);
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
