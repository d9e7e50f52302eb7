package io.outrigger.client.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.outrigger.client.limits.Decision;
import io.outrigger.client.limits.LimitRequest;
import io.outrigger.client.limits.Limiter;
import io.outrigger.client.limits.RateLimitHeaders;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Limits calls of a gRPC server: those that are denied end with RESOURCE_EXHAUSTED and {@code
 * retry-after} in their trailers; all have {@code ratelimit} and {@code ratelimit-policy} in their
 * headers (or trailers, if there are no headers). Thread-safe.
 *
 * <p>Waits for the decision in the thread that the server begins the call on, for at most the
 * client's timeout; so not for servers with {@code directExecutor()}.
 */
public final class RateLimitInterceptor implements ServerInterceptor {
  private final Limiter limiter;
  private final BiFunction<ServerCall<?, ?>, Metadata, Map<String, String>> attributes;

  /**
   * An interceptor.
   *
   * @param limiter decides
   * @param attributes who and what a call is for, by itself and its headers; null: it is not limited
   */
  public RateLimitInterceptor(
      Limiter limiter, BiFunction<ServerCall<?, ?>, Metadata, Map<String, String>> attributes) {
    this.limiter = limiter;
    this.attributes = attributes;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Map<String, String> who = attributes.apply(call, headers);
    if (who == null) {
      return next.startCall(call, headers);
    }
    Decision decision = limiter.allow(LimitRequest.of(who).withDetail());
    Metadata told = metadataOf(decision);
    if (!decision.allowed()) {
      call.close(Status.RESOURCE_EXHAUSTED.withDescription("too many requests"), told);
      return new ServerCall.Listener<>() {};
    }
    return next.startCall(new Telling<>(call, told), headers);
  }

  private static Metadata metadataOf(Decision decision) {
    Metadata metadata = new Metadata();
    RateLimitHeaders.of(decision)
        .forEach(
            (name, value) ->
                metadata.put(
                    Metadata.Key.of(
                        name.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER),
                    value));
    return metadata;
  }

  /** A call whose headers tell of the limits, too. */
  private static final class Telling<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final Metadata told;
    private boolean sent;

    Telling(ServerCall<Q, A> call, Metadata told) {
      super(call);
      this.told = told;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      sent = true;
      headers.merge(told);
      super.sendHeaders(headers);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!sent) {
        trailers.merge(told);
      }
      super.close(status, trailers);
    }
  }
}
