package io.outrigger.client.connection;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;

/**
 * Sends the caller's `traceparent`, `tracestate` and `baggage` with each call.
 *
 * <p>By the propagators themselves: to ask for the global ones before the application has set them
 * would keep it from doing so.
 */
final class OpenTelemetryTraces implements ClientInterceptor {

  static boolean isSampled() {
    return Span.current().getSpanContext().isSampled();
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        Context context = Context.current();
        W3CTraceContextPropagator.getInstance()
            .inject(context, headers, OpenTelemetryTraces::set);
        W3CBaggagePropagator.getInstance().inject(context, headers, OpenTelemetryTraces::set);
        super.start(listener, headers);
      }
    };
  }

  private static void set(Metadata headers, String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }
}
