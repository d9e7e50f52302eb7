package io.outrigger.client.limits;

import io.grpc.MethodDescriptor;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.connection.PartCounts;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.SidecarFailure;
import io.outrigger.client.connection.Times;
import io.outrigger.client.connection.Traces;
import io.outrigger.ratelimit.v1.AllowRequest;
import io.outrigger.ratelimit.v1.AllowResponse;
import io.outrigger.ratelimit.v1.RateLimiterGrpc;
import io.outrigger.ratelimit.v1.RefundRequest;
import io.outrigger.ratelimit.v1.ReportResponse;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;

/**
 * Rate limits: may this request proceed now, and if not, when? Thread-safe.
 *
 * <p>A denial is an answer. That the sidecar is gone is one, too: the {@link LimitPolicy} decides,
 * and {@link Decision#source} says so. Questions asked at the same time, by however many threads, go
 * out as one message.
 *
 * <p>Methods throw {@link OutriggerException} for mistakes of the caller's (a limit that is not
 * configured, a cost out of range, a closed client), and if the waiting thread is interrupted.
 * Futures of the {@code …Async} methods complete on the client's callback executor.
 */
public final class Limiter implements AutoCloseable {
  private static final Duration USUAL_WAIT = Duration.ofSeconds(1);

  private final Sidecar sidecar;
  private final AllowBatcher batcher;
  private final LimitPolicy policy;
  private final LocalBuckets buckets;
  private final PartCounts counts = new PartCounts();

  /**
   * Made by {@code Outrigger}, and not for applications.
   *
   * @param sidecar whom to ask
   * @param policy answers when it does not
   */
  public Limiter(Sidecar sidecar, LimitPolicy policy) {
    this.sidecar = sidecar;
    this.batcher = new AllowBatcher(sidecar);
    this.policy = policy;
    this.buckets =
        policy instanceof LimitPolicy.Local local
            ? new LocalBuckets(local, System::nanoTime)
            : null;
  }

  /**
   * Takes one token of all limits that match, or of none.
   *
   * @param attributes who and what the request is for; see {@link LimitRequest#of}
   * @return the decision, within the client's timeout
   */
  public Decision allow(Map<String, String> attributes) {
    return decide(AllowRequest.newBuilder().putAllAttributes(attributes).build());
  }

  /**
   * Decides a request with a cost, a limit or a wait of its own.
   *
   * @param request the question
   * @return the decision, within what it may wait and the client's timeout
   */
  public Decision allow(LimitRequest request) {
    return decide(request.proto());
  }

  /**
   * {@link #allow(Map)} that does not block.
   *
   * @param attributes who and what the request is for
   * @return the decision, later
   */
  public CompletableFuture<Decision> allowAsync(Map<String, String> attributes) {
    return decideAsync(AllowRequest.newBuilder().putAllAttributes(attributes).build());
  }

  /**
   * {@link #allow(LimitRequest)} that does not block. To cancel the future ends a wait.
   *
   * @param request the question
   * @return the decision, later
   */
  public CompletableFuture<Decision> allowAsync(LimitRequest request) {
    return decideAsync(request.proto());
  }

  /**
   * Waits for a token, if need be, for at most one second.
   *
   * @param attributes who and what the request is for
   * @return the decision; denied at once if the wait would be longer
   */
  public Decision waitIfNeeded(Map<String, String> attributes) {
    return waitIfNeeded(attributes, USUAL_WAIT);
  }

  /**
   * Waits for a token, if need be.
   *
   * @param attributes who and what the request is for
   * @param maxWait 0 to 1 hour
   * @return the decision; denied at once if the wait would be longer
   */
  public Decision waitIfNeeded(Map<String, String> attributes, Duration maxWait) {
    return allow(LimitRequest.of(attributes).withMaxWait(maxWait));
  }

  /**
   * {@link #waitIfNeeded(Map, Duration)} that does not block.
   *
   * @param attributes who and what the request is for
   * @param maxWait 0 to 1 hour
   * @return the decision, later
   */
  public CompletableFuture<Decision> waitIfNeededAsync(
      Map<String, String> attributes, Duration maxWait) {
    return allowAsync(LimitRequest.of(attributes).withMaxWait(maxWait));
  }

  /**
   * Tells an adaptive limit how calls that it admitted have ended.
   *
   * @param report how
   * @return the limit's rate now, in tokens a second; of several the lowest. Empty if the sidecar
   *     did not answer
   */
  public OptionalDouble report(LimitReport report) {
    try {
      return reported(sidecar.await(ask(RateLimiterGrpc.getReportMethod(), report.proto())));
    } catch (SidecarFailure failure) {
      return notReported(failure);
    }
  }

  /**
   * {@link #report} that does not block.
   *
   * @param report how
   * @return the limit's rate, later
   */
  public CompletableFuture<OptionalDouble> reportAsync(LimitReport report) {
    return sidecar.async(
        ask(RateLimiterGrpc.getReportMethod(), report.proto()),
        Limiter::reported,
        this::notReported);
  }

  /**
   * Gives back tokens that an earlier {@code allow} took and that were not used. If the sidecar does
   * not answer they are lost.
   *
   * @param request with the attributes, cost (not 0) and limit of that {@code allow}
   */
  public void refund(LimitRequest request) {
    try {
      sidecar.await(ask(RateLimiterGrpc.getRefundMethod(), refundOf(request)));
    } catch (SidecarFailure failure) {
      notRefunded(failure);
    }
  }

  /**
   * {@link #refund} that does not block.
   *
   * @param request with the attributes, cost (not 0) and limit of the {@code allow}
   * @return completes when it is done, or the sidecar has not answered
   */
  public CompletableFuture<Void> refundAsync(LimitRequest request) {
    return sidecar.async(
        ask(RateLimiterGrpc.getRefundMethod(), refundOf(request)),
        done -> null,
        this::notRefunded);
  }

  /**
   * What was counted so far.
   *
   * @return this part's
   */
  public PartCounts counts() {
    return counts;
  }

  /** Ends the stream. {@code Outrigger} does it. */
  @Override
  public void close() {
    batcher.close();
  }

  private Decision decide(AllowRequest request) {
    try {
      return Decision.of(sidecar.await(ask(request)));
    } catch (SidecarFailure failure) {
      return withoutSidecar(request, failure);
    }
  }

  private CompletableFuture<Decision> decideAsync(AllowRequest request) {
    return sidecar.async(
        ask(request), Decision::of, failure -> withoutSidecar(request, failure));
  }

  // One that may wait, or whose trace is recorded, goes by itself.
  private CompletableFuture<AllowResponse> ask(AllowRequest request) {
    sidecar.begin(counts);
    Duration maxWait =
        request.hasMaxWait() ? Times.fromProto(request.getMaxWait()) : Duration.ZERO;
    if (maxWait.isZero() && !Traces.isSampled()) {
      return batcher.ask(request, sidecar.deadlineNanos(Duration.ZERO));
    }
    return sidecar.call(RateLimiterGrpc.getAllowMethod(), request, maxWait);
  }

  private <Q, A> CompletableFuture<A> ask(MethodDescriptor<Q, A> method, Q question) {
    sidecar.begin(counts);
    return sidecar.call(method, question, Duration.ZERO);
  }

  private Decision withoutSidecar(AllowRequest request, SidecarFailure failure) {
    fallBack(failure);
    if (buckets != null) {
      return buckets.decide(request.getAttributesMap(), request.hasCost() ? request.getCost() : 1);
    }
    return Decision.fallback(policy instanceof LimitPolicy.Allow);
  }

  private static OptionalDouble reported(ReportResponse response) {
    return OptionalDouble.of(response.getCurrentRate());
  }

  private OptionalDouble notReported(SidecarFailure failure) {
    fallBack(failure);
    return OptionalDouble.empty();
  }

  private Void notRefunded(SidecarFailure failure) {
    fallBack(failure);
    return null;
  }

  private void fallBack(SidecarFailure failure) {
    failure.throwIfCallers();
    counts.fellBack();
  }

  private static RefundRequest refundOf(LimitRequest request) {
    AllowRequest asked = request.proto();
    RefundRequest.Builder refund =
        RefundRequest.newBuilder()
            .putAllAttributes(asked.getAttributesMap())
            .setLimit(asked.getLimit());
    if (asked.hasCost()) {
      refund.setCost(asked.getCost());
    }
    return refund.build();
  }
}
