package io.outrigger.client.cache;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.outrigger.cache.v1.CacheGrpc;
import io.outrigger.cache.v1.GetManyRequest;
import io.outrigger.cache.v1.GetManyResponse;
import io.outrigger.cache.v1.GetRequest;
import io.outrigger.cache.v1.GetResponse;
import io.outrigger.cache.v1.SetManyRequest;
import io.outrigger.cache.v1.SetRequest;
import io.outrigger.cache.v1.Status;
import io.outrigger.client.Source;
import io.outrigger.client.connection.PartCounts;
import io.outrigger.client.connection.Sidecar;
import io.outrigger.client.connection.SidecarFailure;
import io.outrigger.client.connection.Times;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One namespace's calls, with its values coded. Thread-safe. */
final class CacheCalls<T> {
  private static final System.Logger LOG = System.getLogger("io.outrigger.client.cache");

  final Sidecar sidecar;
  final PartCounts counts;
  final Fills fills;
  final BackgroundLoads background;
  final String namespace;
  private final Codec<T> codec;

  CacheCalls(
      Sidecar sidecar,
      PartCounts counts,
      Fills fills,
      BackgroundLoads background,
      String namespace,
      Codec<T> codec) {
    this.sidecar = sidecar;
    this.counts = counts;
    this.fills = fills;
    this.background = background;
    this.namespace = namespace;
    this.codec = codec;
  }

  /** Begins a call of the application's. */
  void begin() {
    sidecar.begin(counts);
  }

  /** Begins a call that is one question. */
  <Q, A> CompletableFuture<A> ask(MethodDescriptor<Q, A> method, Q question) {
    begin();
    return sidecar.call(method, question, Duration.ZERO);
  }

  /** Asks for a value, and for the right to load it. */
  CompletableFuture<GetResponse> get(String key, Duration maxWait) {
    return sidecar.call(CacheGrpc.getGetMethod(), question(key, maxWait), maxWait);
  }

  /** Begins a call that only looks. */
  CompletableFuture<GetResponse> peek(String key) {
    GetRequest request =
        GetRequest.newBuilder().setNamespace(namespace).setKey(key).setNoFill(true).build();
    return ask(CacheGrpc.getGetMethod(), request);
  }

  CompletableFuture<GetManyResponse> getMany(List<String> keys) {
    GetManyRequest.Builder request = GetManyRequest.newBuilder();
    for (String key : keys) {
      request.addRequests(question(key, Duration.ZERO));
    }
    return sidecar.call(CacheGrpc.getGetManyMethod(), request.build(), Duration.ZERO);
  }

  /** What an answer means; a right to load is remembered until it is used or given back. */
  Lookup<T> lookup(String key, GetResponse response) {
    ByteString token = response.getFillToken().isEmpty() ? null : response.getFillToken();
    if (token != null) {
      fills.began(namespace, key, token);
    }
    Cached<T> answer = cached(response);
    if (answer != null) {
      return Lookup.answer(answer, token);
    }
    if (token != null) {
      return Lookup.fill(token);
    }
    return response.getStatus() == Status.MISS
        ? Lookup.waitForOther()
        : Lookup.loadAlone(Source.SIDECAR);
  }

  /** What no answer means; throws if it is the caller's doing. */
  Lookup<T> lookup(SidecarFailure failure) {
    failure.throwIfCallers();
    return Lookup.loadAlone(Source.FALLBACK);
  }

  /** What was found; null: nothing, or nothing that can be decoded. */
  Cached<T> cached(GetResponse response) {
    boolean stale = response.getStatus() == Status.STALE;
    switch (response.getStatus()) {
      case ABSENT:
        return new Cached<>(null, false, false, response.getDegraded(), Source.SIDECAR);
      case HIT, STALE:
        break;
      default:
        return null;
    }
    try {
      T value = codec.decode(response.getValue().toByteArray());
      return value == null
          ? null
          : new Cached<>(value, false, stale, response.getDegraded(), Source.SIDECAR);
    } catch (Exception other) {
      LOG.log(Level.DEBUG, () -> "a value of " + namespace + " cannot be decoded", other);
      return null;
    }
  }

  /** A Set of `value` (null: there is none). */
  SetRequest.Builder request(String key, T value, CacheOptions options) throws Exception {
    ByteString bytes = value == null ? null : ByteString.copyFrom(codec.encode(value));
    return options.set(namespace, key, bytes);
  }

  /** A Set of what was loaded; null if it cannot be encoded: the right to load is then given back. */
  SetRequest fillRequest(String key, ByteString token, T value, CacheOptions options) {
    try {
      CacheOptions how = value == null ? options.ofLoadedAbsence() : options;
      return request(key, value, how).setFillToken(token).build();
    } catch (Exception unencodable) {
      LOG.log(
          Level.WARNING,
          () -> "a value of " + namespace + " cannot be encoded, and is not cached",
          unencodable);
      abandon(key, token);
      return null;
    }
  }

  /** Stores what was loaded. Never fails; whoever waits no longer does not end it. */
  CompletableFuture<Void> fill(SetRequest request) {
    return fills
        .send(CacheGrpc.getSetMethod(), request, Duration.ZERO)
        .handle((response, failure) -> filled(request, failure))
        .copy();
  }

  /** Stores what was loaded of many keys, which fit into a message; else like `fill`. */
  CompletableFuture<Void> fillMany(List<SetRequest> requests) {
    SetManyRequest many = SetManyRequest.newBuilder().addAllRequests(requests).build();
    return fills
        .send(CacheGrpc.getSetManyMethod(), many, Duration.ZERO)
        .handle((response, failure) -> failure)
        .thenCompose(
            failure -> {
              if (failure instanceof SidecarFailure sidecars
                  && sidecars.callersOrNull() != null) {
                // Nothing was stored, because of one of them.
                return CompletableFuture.allOf(
                    requests.stream().map(this::fill).toArray(CompletableFuture<?>[]::new));
              }
              requests.forEach(request -> filled(request, failure));
              return CompletableFuture.<Void>completedFuture(null);
            })
        .copy();
  }

  void abandon(String key, ByteString token) {
    fills.abandon(namespace, key, token);
  }

  /** Gives back the right to load that an answer has, if any. */
  void abandon(String key, GetResponse unclaimed) {
    if (!unclaimed.getFillToken().isEmpty()) {
      abandon(key, unclaimed.getFillToken());
    }
  }

  private Void filled(SetRequest request, Throwable failure) {
    if (failure == null) {
      fills.ended(namespace, request.getKey(), request.getFillToken());
      return null;
    }
    if (failure instanceof SidecarFailure sidecars && sidecars.callersOrNull() != null) {
      LOG.log(
          Level.WARNING,
          "a value of " + namespace + " is not cached: " + sidecars.status().getDescription());
    }
    abandon(request.getKey(), request.getFillToken()); // it may not have come there
    return null;
  }

  private GetRequest question(String key, Duration maxWait) {
    return GetRequest.newBuilder()
        .setNamespace(namespace)
        .setKey(key)
        .setMaxWait(Times.toProto(maxWait))
        .build();
  }
}
