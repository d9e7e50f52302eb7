package io.outrigger.client.breaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.stub.StreamObserver;
import io.outrigger.breaker.v1.AcquireRequest;
import io.outrigger.breaker.v1.AcquireResponse;
import io.outrigger.breaker.v1.BreakerGrpc;
import io.outrigger.breaker.v1.Outcome;
import io.outrigger.breaker.v1.ReportRequest;
import io.outrigger.breaker.v1.ReportResponse;
import io.outrigger.breaker.v1.Result;
import io.outrigger.breaker.v1.WatchRequest;
import io.outrigger.breaker.v1.WatchResponse;
import io.outrigger.client.FakeSidecar;
import io.outrigger.client.Interrupted;
import io.outrigger.client.Outrigger;
import io.outrigger.client.OutriggerException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Permits of callers that have gone. */
class GivenBackTest {
  private final Service service = new Service();

  @Test
  void whatIsGrantedToAnInterruptedThreadIsGivenBack() throws Exception {
    try (FakeSidecar fake = new FakeSidecar(service);
        Outrigger client = fake.connect()) {
      Breaker breaker = client.breaker("payments");
      Interrupted<OutriggerException.Code> call =
          new Interrupted<>(
              () -> {
                try {
                  breaker.enter();
                  return null;
                } catch (OutriggerException failed) {
                  return failed.code();
                }
              });
      StreamObserver<AcquireResponse> acquire = service.acquires.poll(30, TimeUnit.SECONDS);
      assertEquals(OutriggerException.Code.CANCELLED, call.interrupt());
      checkGivenBack(acquire);
    }
  }

  @Test
  void andWhatIsGrantedToAFutureThatWasCancelled() throws Exception {
    try (FakeSidecar fake = new FakeSidecar(service);
        Outrigger client = fake.connect()) {
      CompletableFuture<Permit> entering = client.breaker("payments").enterAsync();
      StreamObserver<AcquireResponse> acquire = service.acquires.poll(30, TimeUnit.SECONDS);
      assertTrue(entering.cancel(true));
      checkGivenBack(acquire);
    }
  }

  private void checkGivenBack(StreamObserver<AcquireResponse> acquire) throws Exception {
    acquire.onNext(
        AcquireResponse.newBuilder().setAllowed(true).setProbe(true).setPermit(7).build());
    acquire.onCompleted();
    Outcome told = service.outcomes.poll(30, TimeUnit.SECONDS);
    assertEquals(7, told.getPermit());
    assertEquals(Result.IGNORED, told.getResult());
  }

  /** Acquire answers when the test does. */
  private static final class Service extends BreakerGrpc.BreakerImplBase {
    final BlockingQueue<StreamObserver<AcquireResponse>> acquires = new LinkedBlockingQueue<>();
    final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> answers) {
      // nothing to tell
    }

    @Override
    public void acquire(AcquireRequest request, StreamObserver<AcquireResponse> answers) {
      acquires.add(answers);
    }

    @Override
    public void report(ReportRequest request, StreamObserver<ReportResponse> answers) {
      outcomes.addAll(request.getOutcomesList());
      answers.onNext(ReportResponse.getDefaultInstance());
      answers.onCompleted();
    }
  }
}
