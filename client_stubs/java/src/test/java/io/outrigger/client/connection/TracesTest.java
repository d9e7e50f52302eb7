package io.outrigger.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.outrigger.client.Outrigger;
import io.outrigger.client.Sidecars;
import io.outrigger.ratelimit.v1.AllowRequest;
import io.outrigger.ratelimit.v1.AllowResponse;
import io.outrigger.ratelimit.v1.RateLimiterGrpc;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class TracesTest {
  private final BlockingQueue<Metadata> seen = new LinkedBlockingQueue<>();

  @Test
  void aRecordedCallGoesByItselfWithItsTrace() throws Exception {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(new Limits())
            .intercept(new Recorder())
            .build()
            .start();
    try (SdkTracerProvider tracers = SdkTracerProvider.builder().build();
        Outrigger outrigger =
            Outrigger.connect(
                Sidecars.patient().target("127.0.0.1:" + server.getPort()).build())) {
      Span span = tracers.get("test").spanBuilder("request").startSpan();
      Context context =
          Baggage.builder().put("tenant", "a").build().storeInContext(Context.current());
      try (Scope ofBaggage = context.makeCurrent();
          Scope ofSpan = span.makeCurrent()) {
        assertTrue(outrigger.limiter().allow(Map.of("user", "1")).allowed());
      }
      Metadata headers = seen.take();
      assertTrue(header(headers, "traceparent").contains(span.getSpanContext().getTraceId()));
      assertEquals("tenant=a", header(headers, "baggage"));
    } finally {
      server.shutdownNow();
    }
  }

  private static String header(Metadata headers, String name) {
    return headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
  }

  private static final class Limits extends RateLimiterGrpc.RateLimiterImplBase {
    @Override
    public void allow(AllowRequest request, StreamObserver<AllowResponse> answers) {
      answers.onNext(AllowResponse.newBuilder().setAllowed(true).build());
      answers.onCompleted();
    }
  }

  private final class Recorder implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      seen.add(headers);
      return next.startCall(call, headers);
    }
  }
}
