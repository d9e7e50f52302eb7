package io.outrigger.client.agent;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.outrigger.cache.v1.CacheGrpc;
import io.outrigger.client.Outrigger;
import io.outrigger.client.OutriggerOptions;
import io.outrigger.client.cache.Codec;
import io.outrigger.client.limits.LimitRequest;
import io.outrigger.client.pool.PoolPolicy;
import io.outrigger.ratelimit.v1.RateLimiterGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/**
 * Loads the classes of a first call, against a server of this process that can do nothing: a cold
 * JVM needs longer for that than the sidecar has time. Nothing goes to the sidecar.
 */
final class WarmUp {
  private WarmUp() {}

  static void run() throws IOException {
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(new RateLimiterGrpc.RateLimiterImplBase() {})
            .addService(new CacheGrpc.CacheImplBase() {})
            .build()
            .start();
    OutriggerOptions options =
        OutriggerOptions.builder()
            .target("127.0.0.1:" + server.getPort())
            .timeout(Duration.ofSeconds(10))
            .pools(PoolPolicy.share(1, ""))
            .build();
    try (Outrigger outrigger = Outrigger.connect(options)) {
      outrigger.limiter().allow(Map.of());
      outrigger.limiter().allowAsync(LimitRequest.of(Map.of()).withCost(1)).join();
      outrigger.cache("none", Codec.text()).getOrLoad("none", key -> null);
      outrigger.breaker("none").enter().success();
      outrigger.pool("none").acquire().close();
    }
    server.shutdownNow();
  }
}
