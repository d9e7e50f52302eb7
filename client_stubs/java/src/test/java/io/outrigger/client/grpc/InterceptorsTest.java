package io.outrigger.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.outrigger.client.Outrigger;
import io.outrigger.client.Sidecars;
import io.outrigger.client.breaker.BreakerOpenException;
import io.outrigger.client.breaker.BreakerPolicy;
import io.outrigger.ratelimit.v1.RateLimiterGrpc;
import io.outrigger.ratelimit.v1.StatusRequest;
import io.outrigger.ratelimit.v1.StatusResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In a real gRPC server, and a real client of it. */
class InterceptorsTest {
  private static final Metadata.Key<String> USER = key("user");

  private final Outrigger outrigger = Sidecars.connect();
  private Server server;
  private ManagedChannel channel;
  private volatile Status answer = Status.OK;

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @BeforeEach
  void start() throws Exception {
    RateLimitInterceptor limits =
        new RateLimitInterceptor(
            outrigger.limiter(),
            (call, headers) ->
                headers.containsKey(USER) ? Map.of("user", headers.get(USER)) : null);
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(ServerInterceptors.intercept(new Answering(), limits))
            .build()
            .start();
    channel =
        Grpc.newChannelBuilder(
                "127.0.0.1:" + server.getPort(), InsecureChannelCredentials.create())
            .build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    outrigger.close();
  }

  private static void call(Channel channel) {
    RateLimiterGrpc.newBlockingStub(channel).status(StatusRequest.getDefaultInstance());
  }

  @Test
  void theBurstIsServedAndTheRestIsTold() {
    Metadata user = new Metadata();
    user.put(USER, Sidecars.unique());
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel asUser =
        ClientInterceptors.intercept(
            channel,
            MetadataUtils.newAttachHeadersInterceptor(user),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
    call(asUser);
    assertEquals("\"per_user\";r=9;t=360", headers.get().get(key("ratelimit")));
    for (int i = 0; i < 8; i++) {
      call(asUser);
    }
    answer = Status.INTERNAL;
    assertThrows(StatusRuntimeException.class, () -> call(asUser));
    assertTrue(trailers.get().containsKey(key("ratelimit-policy")));
    StatusRuntimeException denied =
        assertThrows(StatusRuntimeException.class, () -> call(asUser));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, denied.getStatus().getCode());
    assertTrue(denied.getTrailers().containsKey(key("retry-after")));
  }

  @Test
  void whoHasNoAttributesIsNotLimited() {
    for (int i = 0; i < 20; i++) {
      call(channel);
    }
  }

  @Test
  void aBreakerOpensByTheCodesThatAreTheServicesFault() {
    try (Outrigger alone =
        Outrigger.connect(
            Sidecars.gone().breakers(BreakerPolicy.local(3, Duration.ofHours(1))).build())) {
      Channel guarded =
          ClientInterceptors.intercept(
              channel, new BreakerInterceptor(alone.breaker("payments"), true));
      answer = Status.NOT_FOUND;
      for (int i = 0; i < 10; i++) {
        assertThrows(StatusRuntimeException.class, () -> call(guarded));
      }
      answer = Status.INTERNAL;
      for (int i = 0; i < 3; i++) {
        StatusRuntimeException failure =
            assertThrows(StatusRuntimeException.class, () -> call(guarded));
        assertEquals(Status.Code.INTERNAL, failure.getStatus().getCode());
      }
      StatusRuntimeException open =
          assertThrows(StatusRuntimeException.class, () -> call(guarded));
      assertEquals(Status.Code.UNAVAILABLE, open.getStatus().getCode());
      assertEquals(BreakerOpenException.class, open.getStatus().getCause().getClass());
    }
  }

  private final class Answering extends RateLimiterGrpc.RateLimiterImplBase {
    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> answers) {
      if (answer.isOk()) {
        answers.onNext(StatusResponse.getDefaultInstance());
        answers.onCompleted();
      } else {
        answers.onError(answer.asRuntimeException());
      }
    }
  }
}
