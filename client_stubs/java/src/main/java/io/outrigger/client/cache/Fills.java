package io.outrigger.client.cache;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.outrigger.cache.v1.AbandonRequest;
import io.outrigger.cache.v1.AbandonResponse;
import io.outrigger.cache.v1.CacheGrpc;
import io.outrigger.client.connection.Sidecar;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The rights to load that this client has, and has neither used nor given back. Thread-safe. */
final class Fills {
  private final Sidecar sidecar;
  private final Set<AbandonRequest> open = ConcurrentHashMap.newKeySet();

  Fills(Sidecar sidecar) {
    this.sidecar = sidecar;
  }

  void began(String namespace, String key, ByteString token) {
    open.add(requestOf(namespace, key, token));
  }

  /** It was used. */
  void ended(String namespace, String key, ByteString token) {
    open.remove(requestOf(namespace, key, token));
  }

  /** Gives it back, in the background. */
  void abandon(String namespace, String key, ByteString token) {
    AbandonRequest request = requestOf(namespace, key, token);
    open.remove(request);
    send(request);
  }

  /** Gives all back; to be called before the client's calls are refused. */
  CompletableFuture<Void> abandonAll() {
    CompletableFuture<?>[] sent =
        open.stream().map(this::send).toArray(CompletableFuture<?>[]::new);
    open.clear();
    return CompletableFuture.allOf(sent);
  }

  private CompletableFuture<AbandonResponse> send(AbandonRequest request) {
    return send(CacheGrpc.getAbandonMethod(), request, Sidecar.UNHURRIED);
  }

  /** Sends what uses or gives back a right to load, even if the caller's own gRPC call has ended. */
  <Q, A> CompletableFuture<A> send(MethodDescriptor<Q, A> method, Q question, Duration mayWait) {
    Context own = Context.current().fork(); // with its trace, without its cancellation and deadline
    Context callers = own.attach();
    try {
      return sidecar.call(method, question, mayWait);
    } finally {
      own.detach(callers);
    }
  }

  private static AbandonRequest requestOf(String namespace, String key, ByteString token) {
    return AbandonRequest.newBuilder()
        .setNamespace(namespace)
        .setKey(key)
        .setFillToken(token)
        .build();
  }
}
