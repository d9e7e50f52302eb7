package io.outrigger.client.pool;

import io.grpc.Status;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.SidecarFailure;
import io.outrigger.client.connection.Times;
import io.outrigger.pool.v1.PoolGrpc;
import io.outrigger.pool.v1.RenewRequest;
import io.outrigger.pool.v1.RenewResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Renews each lease when half of its time has passed, and tries again until it is over. All of it on
 * the channel's thread.
 */
final class LeaseRenewals {
  private static final long LEAST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Sidecar sidecar;
  private final Consumer<HeldLease> lost;

  LeaseRenewals(Sidecar sidecar, Consumer<HeldLease> lost) {
    this.sidecar = sidecar;
    this.lost = lost;
  }

  /** Renews it in time, until `cancel`. */
  void schedule(HeldLease held) {
    long left = held.left(System.nanoTime());
    if (left <= 0) {
      lost.accept(held);
      return;
    }
    // Never later than its end, and not without a pause.
    long wait = Math.min(left, Math.max(left / 2, LEAST_WAIT_NANOS));
    held.timer = sidecar.loop().schedule(() -> renew(held), wait, TimeUnit.NANOSECONDS);
  }

  void cancel(HeldLease held) {
    held.cancelled = true;
    if (held.timer != null) {
      held.timer.cancel(false);
      held.timer = null;
    }
  }

  private void renew(HeldLease held) {
    if (held.left(System.nanoTime()) <= 0) {
      lost.accept(held);
      return;
    }
    // Nobody waits for it: it may take as long as it can be of use.
    Duration left = Duration.ofNanos(held.left(System.nanoTime()));
    RenewRequest request = RenewRequest.newBuilder().setLeaseId(held.id).build();
    long asked = System.nanoTime();
    // The next try does not wait for this one's answer, which may be later than the lease's end.
    schedule(held);
    sidecar
        .call(PoolGrpc.getRenewMethod(), request, left)
        .whenComplete(
            (response, failure) -> sidecar.run(() -> answered(held, asked, response, failure)));
  }

  private void answered(HeldLease held, long asked, RenewResponse response, Throwable failure) {
    if (held.cancelled) {
      return;
    }
    if (response != null) {
      held.renewed(asked + Times.nanos(Times.fromProto(response.getExpiresAfter())));
      held.timer.cancel(false);
      schedule(held);
    } else if (failure instanceof SidecarFailure sidecars
        && sidecars.status().getCode() == Status.Code.NOT_FOUND) {
      lost.accept(held);
    }
  }
}
