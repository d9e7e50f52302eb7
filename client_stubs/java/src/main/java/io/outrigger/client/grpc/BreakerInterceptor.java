package io.outrigger.client.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.outrigger.client.Classifier;
import io.outrigger.client.breaker.Breaker;
import io.outrigger.client.breaker.BreakerOpenException;
import io.outrigger.client.breaker.Permit;

/**
 * Lets calls of a gRPC client pass through a breaker: those that may not be made end with
 * UNAVAILABLE, whose cause is a {@link BreakerOpenException}. A call's end counts by {@link
 * Classifier#ofGrpcCode}. Thread-safe.
 *
 * <pre>{@code
 * ClientInterceptors.intercept(channel, new BreakerInterceptor(outrigger.breaker("payments")))
 * }</pre>
 *
 * <p>While the breaker is closed nothing waits. A call that the sidecar must be asked for waits in
 * the thread that starts it, for at most the client's timeout.
 */
public final class BreakerInterceptor implements ClientInterceptor {
  private final Breaker breaker;
  private final boolean perMethod;

  /**
   * One breaker for all methods.
   *
   * @param breaker of the service
   */
  public BreakerInterceptor(Breaker breaker) {
    this(breaker, false);
  }

  /**
   * One breaker, or one for each method.
   *
   * @param breaker of the service
   * @param perMethod true: calls count for {@link Breaker#method} of their full names, for a breaker
   *     that is configured with per_method
   */
  public BreakerInterceptor(Breaker breaker, boolean perMethod) {
    this.breaker = breaker;
    this.perMethod = perMethod;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    Breaker deciding = perMethod ? breaker.method(method.getFullMethodName()) : breaker;
    return new Guarded<>(next.newCall(method, options), deciding);
  }

  private static final class Guarded<Q, A> extends SimpleForwardingClientCall<Q, A> {
    private final Breaker breaker;
    private boolean denied;

    Guarded(ClientCall<Q, A> call, Breaker breaker) {
      super(call);
      this.breaker = breaker;
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      Permit permit;
      try {
        permit = breaker.enter();
      } catch (BreakerOpenException open) {
        denied = true;
        delegate().cancel("not begun", open);
        listener.onClose(
            Status.UNAVAILABLE.withDescription(open.getMessage()).withCause(open),
            new Metadata());
        return;
      }
      try {
        super.start(new Counting<>(listener, permit), headers);
      } catch (RuntimeException failure) {
        permit.failed(failure);
        throw failure;
      }
    }

    // What its caller still does with a call that was not begun goes nowhere.

    @Override
    public void request(int messages) {
      if (!denied) {
        super.request(messages);
      }
    }

    @Override
    public void sendMessage(Q message) {
      if (!denied) {
        super.sendMessage(message);
      }
    }

    @Override
    public void halfClose() {
      if (!denied) {
        super.halfClose();
      }
    }
  }

  private static final class Counting<A> extends SimpleForwardingClientCallListener<A> {
    private final Permit permit;

    Counting(ClientCall.Listener<A> listener, Permit permit) {
      super(listener);
      this.permit = permit;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      permit.end(Classifier.ofGrpcCode(status.getCode()));
      super.onClose(status, trailers);
    }
  }
}
