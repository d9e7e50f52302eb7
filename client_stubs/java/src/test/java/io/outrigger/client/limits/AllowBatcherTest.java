package io.outrigger.client.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.outrigger.client.FakeSidecar;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.SidecarFailure;
import io.outrigger.client.connection.Target;
import io.outrigger.ratelimit.v1.AllowRequest;
import io.outrigger.ratelimit.v1.AllowResponse;
import io.outrigger.ratelimit.v1.AllowStreamRequest;
import io.outrigger.ratelimit.v1.AllowStreamResponse;
import io.outrigger.ratelimit.v1.RateLimiterGrpc;
import io.outrigger.ratelimit.v1.StreamError;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AllowBatcherTest {
  private final List<AllowStreamRequest> messages = new CopyOnWriteArrayList<>();

  /** What a batcher makes of questions that come together. */
  private static List<CompletableFuture<AllowResponse>> ask(
      Sidecar sidecar, AllowBatcher batcher, List<AllowRequest> requests, long deadline) {
    return CompletableFuture.supplyAsync(
            () -> {
              List<CompletableFuture<AllowResponse>> asked = new ArrayList<>();
              requests.forEach(request -> asked.add(batcher.ask(request, deadline)));
              return asked;
            },
            sidecar.loop())
        .join();
  }

  private static Sidecar connect(Target target) {
    return new Sidecar(target, Duration.ofSeconds(20), Runnable::run);
  }

  private static void close(Sidecar sidecar, AllowBatcher batcher) {
    batcher.close();
    sidecar.endCalls();
    sidecar.release();
  }

  private static long inAWhile() {
    return System.nanoTime() + Duration.ofSeconds(60).toNanos();
  }

  private static AllowRequest question(int bytes) {
    return AllowRequest.newBuilder().putAttributes("user", "x".repeat(bytes)).build();
  }

  private FakeSidecar limits(Function<AllowStreamRequest, AllowStreamResponse.Builder> answer)
      throws Exception {
    return new FakeSidecar(
        new RateLimiterGrpc.RateLimiterImplBase() {
          @Override
          public StreamObserver<AllowStreamRequest> allowStream(
              StreamObserver<AllowStreamResponse> answers) {
            return new StreamObserver<>() {
              @Override
              public void onNext(AllowStreamRequest message) {
                messages.add(message);
                answers.onNext(answer.apply(message).setId(message.getId()).build());
              }

              @Override
              public void onError(Throwable ended) {}

              @Override
              public void onCompleted() {
                answers.onCompleted();
              }
            };
          }
        });
  }

  @Test
  void whatMayHaveBeenTakenIsNotAskedAgain() throws Exception {
    StreamError overload =
        StreamError.newBuilder().setCode(Status.Code.RESOURCE_EXHAUSTED.value()).build();
    try (FakeSidecar fake =
        limits(message -> AllowStreamResponse.newBuilder().setError(overload))) {
      Sidecar sidecar = connect(fake.target());
      AllowBatcher batcher = new AllowBatcher(sidecar);
      for (CompletableFuture<AllowResponse> one :
          ask(sidecar, batcher, List.of(question(1), question(2)), inAWhile())) {
        ExecutionException failure = assertThrows(ExecutionException.class, one::get);
        assertEquals(
            Status.Code.RESOURCE_EXHAUSTED,
            ((SidecarFailure) failure.getCause()).status().getCode());
      }
      assertEquals(1, messages.size());
      close(sidecar, batcher);
    }
  }

  @Test
  void messagesAreNotTooLong() throws Exception {
    int most = 256 << 10;
    List<AllowRequest> requests = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      requests.add(question(i == 5 ? most + 1 : 100 << 10));
    }
    try (FakeSidecar fake = limits(AllowBatcherTest::allAllowed)) {
      Sidecar sidecar = connect(fake.target());
      AllowBatcher batcher = new AllowBatcher(sidecar);
      for (CompletableFuture<AllowResponse> one :
          ask(sidecar, batcher, requests, inAWhile())) {
        assertTrue(one.get().getAllowed());
      }
      for (AllowStreamRequest message : messages) {
        assertTrue(message.getRequestsCount() == 1 || message.getSerializedSize() < most + 100);
      }
      assertTrue(messages.size() < requests.size());
      close(sidecar, batcher);
    }
  }

  private static AllowStreamResponse.Builder allAllowed(AllowStreamRequest message) {
    AllowStreamResponse.Builder answer = AllowStreamResponse.newBuilder();
    for (int i = 0; i < message.getRequestsCount(); i++) {
      answer.addResponses(AllowResponse.newBuilder().setAllowed(true));
    }
    return answer;
  }

  @Test
  void questionsThatAreLateAreNotKept() throws Exception {
    try (ServerSocket hangs = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
      Sidecar sidecar =
          connect(Target.find("127.0.0.1:" + hangs.getLocalPort(), Map.of()));
      AllowBatcher batcher = new AllowBatcher(sidecar);
      List<CompletableFuture<AllowResponse>> patient =
          ask(sidecar, batcher, List.of(question(1)), inAWhile());
      for (CompletableFuture<AllowResponse> one :
          ask(sidecar, batcher, List.of(question(1), question(1)), System.nanoTime())) {
        assertThrows(ExecutionException.class, one::get);
      }
      assertEquals(1, batcher.pending().get());
      assertTrue(patient.stream().noneMatch(CompletableFuture::isDone));
      close(sidecar, batcher);
    }
  }
}
