package io.outrigger.client.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Duration;
import io.grpc.stub.StreamObserver;
import io.outrigger.client.FakeSidecar;
import io.outrigger.client.Outrigger;
import io.outrigger.client.pool.AcquireOptions;
import io.outrigger.pool.v1.AcquireResponse;
import io.outrigger.pool.v1.HoldRequest;
import io.outrigger.pool.v1.HoldResponse;
import io.outrigger.pool.v1.PoolGrpc;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Beside a sidecar that loses each lease as soon as it has granted it, and holds it still. */
class LostLeaseTest {
  private static final long LEASE = 7;

  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  @Test
  void aLostLeasesConnectionIsAbortedAndTheLeaseGivenBack() throws Exception {
    try (FakeSidecar fake = new FakeSidecar(new Losing());
        Outrigger client = fake.connect()) {
      new LeasedDataSource(client.pool("orders"), AcquireOptions.usual(), lease -> physical())
          .getConnection();
      assertEquals("abort", seen.poll(30, TimeUnit.SECONDS));
      assertEquals("release " + LEASE, seen.poll(30, TimeUnit.SECONDS));
    }
  }

  private Connection physical() {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              seen.add(method.getName());
              return null;
            });
  }

  private final class Losing extends PoolGrpc.PoolImplBase {
    @Override
    public StreamObserver<HoldRequest> hold(StreamObserver<HoldResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(HoldRequest request) {
          if (request.hasAcquire()) {
            AcquireResponse acquired =
                AcquireResponse.newBuilder()
                    .setAcquired(true)
                    .setLeaseId(LEASE)
                    .setExpiresAfter(Duration.newBuilder().setSeconds(600))
                    .build();
            answers.onNext(
                HoldResponse.newBuilder().setId(request.getId()).setAcquired(acquired).build());
            answers.onNext(HoldResponse.newBuilder().setLostLeaseId(LEASE).build());
          } else if (request.hasRelease()) {
            seen.add("release " + request.getRelease().getLeaseId());
          }
        }

        @Override
        public void onError(Throwable ended) {}

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }
}
