package io.outrigger.client.connection;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one channel to a target in this process, and the one thread that reads and writes it. It
 * connects with the first call, and is closed with the last client. Thread-safe.
 *
 * <p>gRPC for Java waits between its attempts to connect for a second, then for minutes, and has no
 * option for that; so its waits are cut short from here.
 */
final class SharedChannel {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;
  private static final Duration FIRST_WAIT = Duration.ofMillis(50);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final Map<Target, SharedChannel> OPEN = new HashMap<>(); // by LOCK

  private final Target target;
  private final EventLoopGroup group;
  private final EventLoop loop;
  private final ManagedChannel channel;
  private int users; // by LOCK

  // Of the loop's thread.
  private Duration wait = FIRST_WAIT;
  private boolean waiting;

  private SharedChannel(Target target) {
    this.target = target;
    boolean epoll = Epoll.isAvailable();
    if (target.isUnix() && !epoll) {
      throw new IllegalStateException(
          "Unix sockets need Linux, and Netty's native library; use host:port",
          Epoll.unavailabilityCause());
    }
    DefaultThreadFactory threads = new DefaultThreadFactory("outrigger", true);
    group = epoll ? new EpollEventLoopGroup(1, threads) : new NioEventLoopGroup(1, threads);
    loop = group.next();
    channel =
        builder(target, epoll)
            .eventLoopGroup(group)
            .directExecutor()
            .usePlaintext()
            .overrideAuthority("localhost")
            .proxyDetector(address -> null)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .disableRetry()
            .build();
    loop.execute(this::stateChanged);
  }

  private static NettyChannelBuilder builder(Target target, boolean epoll) {
    if (target.isUnix()) {
      return NettyChannelBuilder.forAddress(new DomainSocketAddress(target.path()))
          .channelType(EpollDomainSocketChannel.class)
          // gRPC sets it for all sockets, and Netty would warn of it at each attempt to connect.
          .withOption(ChannelOption.SO_KEEPALIVE, null);
    }
    return NettyChannelBuilder.forTarget("dns:///" + target)
        .channelType(epoll ? EpollSocketChannel.class : NioSocketChannel.class);
  }

  /** The target's channel; each `open` needs its `release`. */
  static SharedChannel open(Target target) {
    LOCK.lock();
    try {
      SharedChannel shared = OPEN.computeIfAbsent(target, SharedChannel::new);
      shared.users++;
      return shared;
    } finally {
      LOCK.unlock();
    }
  }

  void release() {
    LOCK.lock();
    try {
      if (--users > 0) {
        return;
      }
      OPEN.remove(target);
    } finally {
      LOCK.unlock();
    }
    channel.shutdownNow();
    loop.execute(() -> group.shutdownGracefully(0, 1, TimeUnit.SECONDS));
  }

  ManagedChannel channel() {
    return channel;
  }

  EventLoop loop() {
    return loop;
  }

  private void stateChanged() {
    ConnectivityState state = channel.getState(false);
    if (state == ConnectivityState.SHUTDOWN) {
      return;
    }
    if (state == ConnectivityState.READY) {
      wait = FIRST_WAIT;
    } else if (state == ConnectivityState.TRANSIENT_FAILURE && !waiting) {
      connectLater();
    }
    channel.notifyWhenStateChanged(state, () -> execute(this::stateChanged));
  }

  // The channel stays in TRANSIENT_FAILURE, by whatever attempts, until it is connected.
  private void connectLater() {
    waiting = true;
    loop.schedule(
        () -> {
          waiting = false;
          if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.resetConnectBackoff();
            wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
            connectLater();
          }
        },
        wait.toNanos(),
        TimeUnit.NANOSECONDS);
  }

  private void execute(Runnable task) {
    if (!loop.isShuttingDown()) {
      loop.execute(task);
    }
  }
}
