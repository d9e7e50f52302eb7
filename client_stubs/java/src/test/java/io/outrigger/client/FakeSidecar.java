package io.outrigger.client;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.outrigger.client.connection.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;

/** Answers as a test likes. */
public final class FakeSidecar implements AutoCloseable {
  private final Server server;

  public FakeSidecar(BindableService service) throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(service)
            .build()
            .start();
  }

  public Target target() {
    return Target.find("127.0.0.1:" + server.getPort(), Map.of());
  }

  public Outrigger connect() {
    return Outrigger.connect(
        Sidecars.patient().target("127.0.0.1:" + server.getPort()).build());
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
