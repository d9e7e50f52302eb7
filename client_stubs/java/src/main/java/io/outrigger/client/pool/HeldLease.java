package io.outrigger.client.pool;

import io.grpc.netty.shaded.io.netty.util.concurrent.ScheduledFuture;
import io.outrigger.client.CallResult;
import io.outrigger.client.Classifier;
import io.outrigger.client.Source;
import io.outrigger.client.connection.Times;
import io.outrigger.pool.v1.AcquireResponse;
import java.util.concurrent.Executor;

/** What the stream that holds a lease knows of it. */
final class HeldLease implements Lease.Owner {
  final HoldStream holder;
  final long id;
  final Object stream; // which it was acquired on
  final Lease lease;
  private volatile long expiry; // by System.nanoTime

  // Of the loop's thread.
  ScheduledFuture<?> timer;
  boolean cancelled; // it is not renewed any more

  HeldLease(
      HoldStream holder,
      Object stream,
      AcquireResponse acquired,
      long asked,
      Classifier classifier,
      Executor callbacks) {
    this.holder = holder;
    this.stream = stream;
    this.lease =
        new Lease(
            this,
            acquired.getEndpoint().getAddress(),
            acquired.getFencingToken(),
            acquired.getOverflow(),
            Source.SIDECAR,
            classifier,
            callbacks);
    this.id = acquired.getLeaseId();
    this.expiry =
        asked
            + Times.nanos(Times.fromProto(acquired.getWaited()))
            + Times.nanos(Times.fromProto(acquired.getExpiresAfter()));
  }

  void renewed(long newExpiry) {
    expiry = newExpiry;
  }

  long left(long now) {
    return expiry - now;
  }

  @Override
  public void release(Lease lease, CallResult result) {
    holder.release(this, result);
  }

  @Override
  public boolean isExpired(Lease lease) {
    return left(System.nanoTime()) <= 0;
  }
}
