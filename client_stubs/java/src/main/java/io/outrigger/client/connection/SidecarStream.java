package io.outrigger.client.connection;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;

/**
 * A stream to the sidecar, all of it on the channel's thread: it may be used only there, and tells
 * its events only there. Not for applications.
 *
 * @param <Q> questions
 * @param <A> answers
 */
public final class SidecarStream<Q, A> {

  /**
   * What happens on a stream.
   *
   * @param <A> answers
   */
  public interface Events<A> {
    /** {@link SidecarStream#isReady} has become true. */
    void onReady();

    /**
     * An answer has come.
     *
     * @param answer not null
     */
    void onMessage(A answer);

    /**
     * It has ended; nothing follows. Not told of streams that were cancelled.
     *
     * @param status may be OK
     */
    void onEnd(Status status);
  }

  private final ClientCall<Q, A> call;
  private final EventLoop loop;
  private final Events<A> events;
  private boolean ended;

  SidecarStream(
      Channel channel, EventLoop loop, MethodDescriptor<Q, A> method, Events<A> events) {
    this.call = channel.newCall(method, CallOptions.DEFAULT);
    this.loop = loop;
    this.events = events;
  }

  /** Begins it. To be called once, before all else. */
  public void start() {
    call.start(new Listener(), new Metadata());
    call.request(Integer.MAX_VALUE);
  }

  /**
   * Whether what is sent goes out soon. If not, to send would only fill memory.
   *
   * @return false, too, while it is being connected
   */
  public boolean isReady() {
    return !ended && call.isReady();
  }

  /**
   * Sends a question.
   *
   * @param question not null
   */
  public void send(Q question) {
    if (!ended) {
      call.sendMessage(question);
    }
  }

  /** Says that there are no more questions; the sidecar then ends it. */
  public void halfClose() {
    if (!ended) {
      call.halfClose();
    }
  }

  /** Ends it; no event follows. */
  public void cancel() {
    if (!ended) {
      ended = true;
      call.cancel("not needed any more", null);
    }
  }

  private void onLoop(Runnable event) {
    if (loop.inEventLoop()) {
      runUnlessEnded(event);
    } else {
      loop.execute(() -> runUnlessEnded(event));
    }
  }

  private void runUnlessEnded(Runnable event) {
    if (!ended) {
      event.run();
    }
  }

  private final class Listener extends ClientCall.Listener<A> {
    @Override
    public void onReady() {
      onLoop(events::onReady);
    }

    @Override
    public void onMessage(A answer) {
      onLoop(() -> events.onMessage(answer));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      onLoop(
          () -> {
            ended = true;
            events.onEnd(status);
          });
    }
  }
}
