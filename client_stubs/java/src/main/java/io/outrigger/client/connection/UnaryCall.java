package io.outrigger.client.connection;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One question and its answer: completes, on the channel's thread, with the answer or with a {@link
 * SidecarFailure}. To cancel it cancels the call if the sidecar may wait before it answers; else it
 * goes on: what is granted at this moment would be lost with its answer.
 */
final class UnaryCall<A> extends CompletableFuture<A> {
  private final Context context = Context.current();
  private final boolean waits;
  private ClientCall<?, A> call;
  private A answer; // of the channel's thread

  private UnaryCall(boolean waits) {
    this.waits = waits;
  }

  /**
   * Begins a call; times in nanoseconds. Nobody may end it before it is returned: gRPC forbids to
   * send then.
   */
  static <Q, A> UnaryCall<A> begin(
      Channel channel, MethodDescriptor<Q, A> method, Q question, long timeout, long mayWait) {
    UnaryCall<A> unary = new UnaryCall<>(mayWait > 0);
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(timeout + mayWait, TimeUnit.NANOSECONDS);
    ClientCall<Q, A> call = channel.newCall(method, options);
    unary.call = call;
    call.start(unary.new Ended(), new Metadata());
    call.request(2);
    call.sendMessage(question);
    call.halfClose();
    return unary;
  }

  /** Ends it because its client is closed. */
  void closedMeanwhile() {
    if (completeExceptionally(SidecarFailure.closedMeanwhile())) {
      call.cancel("the client was closed", null);
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = waits && super.cancel(mayInterrupt);
    if (cancelled) {
      call.cancel("cancelled by the caller", null);
    }
    return cancelled;
  }

  private final class Ended extends ClientCall.Listener<A> {
    @Override
    public void onMessage(A message) {
      answer = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (status.isOk() && answer != null) {
        complete(answer);
      } else if (status.getCode() == Status.Code.CANCELLED && context.isCancelled()) {
        completeExceptionally(SidecarFailure.cancelledByCaller());
      } else {
        completeExceptionally(
            new SidecarFailure(
                status.isOk() ? Status.INTERNAL.withDescription("no answer") : status));
      }
    }
  }
}
