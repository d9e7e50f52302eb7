package io.outrigger.client.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.outrigger.client.Outrigger;
import io.outrigger.client.OutriggerOptions;
import io.outrigger.client.Source;
import io.outrigger.client.breaker.Breaker;
import io.outrigger.client.limits.Limiter;
import io.outrigger.ratelimit.v1.AllowRequest;
import io.outrigger.ratelimit.v1.RateLimiterGrpc;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Measures the library beside the bare generated client; see tests/conformance/README.md. What is
 * compared runs in turns, so that a busy machine disturbs both.
 */
public final class Bench {
  private static final Map<String, String> ATTRIBUTES = Map.of("bench", "1");
  private static final AllowRequest REQUEST =
      AllowRequest.newBuilder().putAllAttributes(ATTRIBUTES).build();

  private final String target = System.getenv("OUTRIGGER_TARGET");

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    Bench bench = new Bench();
    bench.allow();
    bench.breaker();
    bench.hang();
    System.exit(0);
  }

  private void allow() throws InterruptedException {
    EpollEventLoopGroup group = new EpollEventLoopGroup(1);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new DomainSocketAddress(target.replaceFirst("^unix:(//)?", "")))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(group)
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    RateLimiterGrpc.RateLimiterBlockingStub bare = RateLimiterGrpc.newBlockingStub(channel);
    // A long timeout: a stall of the machine's must not turn into a fast fallback.
    try (Outrigger outrigger =
        Outrigger.connect(OutriggerOptions.builder().timeout(Duration.ofSeconds(10)).build())) {
      Limiter limiter = outrigger.limiter();
      Runnable stubCall =
          () -> {
            if (limiter.allow(ATTRIBUTES).source() != Source.SIDECAR) {
              throw new IllegalStateException("the sidecar did not answer");
            }
          };
      Runnable bareCall = () -> bare.allow(REQUEST);
      Callers.Medians one = Callers.latencies(stubCall, bareCall);
      print(
          "{\"name\": \"allow_one\", \"stub_us\": %.1f, \"bare_us\": %.1f, \"ratio\": %.2f}",
          one.first(), one.second(), one.first() / one.second());
      Callers.Medians many = Callers.rates(64, stubCall, bareCall);
      print(
          "{\"name\": \"allow_64\", \"stub_per_s\": %.0f, \"bare_per_s\": %.0f, \"ratio\": %.2f}",
          many.first(), many.second(), many.first() / many.second());
    }
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private void breaker() throws Exception {
    try (Outrigger outrigger = Outrigger.connect()) {
      Breaker breaker = outrigger.breaker("bench");
      Callers.until(() -> breaker.status().isPresent());
      print("{\"name\": \"breaker_closed\", \"ns\": %.1f}", Callers.nanosEach(breaker::enter));
    }
  }

  private void hang() throws Exception {
    Duration deadline = Duration.ofMillis(50);
    long sidecar = Long.parseLong(System.getenv("OUTRIGGER_SIDECAR_PID"));
    try (Outrigger outrigger =
        Outrigger.connect(OutriggerOptions.builder().timeout(deadline).build())) {
      Callers.until(
          () -> outrigger.limiter().allow(ATTRIBUTES).source() == Source.SIDECAR);
      try (Callers callers = new Callers(8, () -> outrigger.limiter().allow(ATTRIBUTES))) {
        callers.afterCalls(2000);
        signal("STOP", sidecar);
        Callers.until(() -> outrigger.stats().limits().fallbacks() >= 200);
        signal("CONT", sidecar);
        print(
            "{\"name\": \"hang\", \"deadline_ms\": %d, \"longest_ms\": %.1f}",
            deadline.toMillis(), callers.longestMillis());
      }
    }
  }

  private static void signal(String name, long process)
      throws IOException, InterruptedException {
    int exit =
        new ProcessBuilder("kill", "-" + name, Long.toString(process)).inheritIO().start().waitFor();
    if (exit != 0) {
      throw new IllegalStateException("kill -" + name + " failed");
    }
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
    System.out.flush();
  }
}
