package io.outrigger.client.cache;

import io.outrigger.cache.v1.CacheGrpc;
import io.outrigger.cache.v1.DeleteRequest;
import io.outrigger.cache.v1.DeleteResponse;
import io.outrigger.cache.v1.GetResponse;
import io.outrigger.cache.v1.InvalidateResponse;
import io.outrigger.cache.v1.SetRequest;
import io.outrigger.cache.v1.SetResponse;
import io.outrigger.client.OutriggerException;
import io.outrigger.client.Source;
import io.outrigger.client.connection.SidecarFailure;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * One namespace of the fleet's cache. Thread-safe.
 *
 * <pre>{@code
 * Cache<Profile> profiles = outrigger.cache("profiles", JacksonCodec.of(Profile.class));
 * Profile profile = profiles.getOrLoad("42", database::load).value();
 * }</pre>
 *
 * <p>Methods throw {@link OutriggerException} for mistakes of the caller's (a namespace that is not
 * configured, an empty key, a closed client), and if the waiting thread is interrupted. Without a
 * sidecar the loader is called, and nothing is stored. Futures complete on the client's callback
 * executor, or in the thread that completes the caller's own loader.
 *
 * @param <T> the values' type
 */
public final class Cache<T> {
  private final CacheCalls<T> calls;

  Cache(CacheCalls<T> calls) {
    this.calls = calls;
  }

  /**
   * The value of a key, loaded by one caller in the fleet if it is missing; the others wait for
   * that. A stale value is answered at once and loaded anew in the background.
   *
   * @param <E> what the loader throws
   * @param key 1 to 1,024 bytes of UTF-8
   * @param loader runs in this thread, or in the background; null for "there is none"
   * @return the value, and where it is from
   * @throws E what the loader throws, as it is; another caller may load at once
   */
  public <E extends Exception> Cached<T> getOrLoad(String key, Loader<? extends T, E> loader)
      throws E {
    return getOrLoad(key, loader, CacheOptions.usual());
  }

  /**
   * {@link #getOrLoad(String, Loader)} with times, tags or a wait of its own.
   *
   * @param <E> what the loader throws
   * @param key 1 to 1,024 bytes of UTF-8
   * @param loader runs in this thread, or in the background; null for "there is none"
   * @param options how to store it, and how long to wait for another's load
   * @return the value, and where it is from
   * @throws E what the loader throws, as it is; another caller may load at once
   */
  public <E extends Exception> Cached<T> getOrLoad(
      String key, Loader<? extends T, E> loader, CacheOptions options) throws E {
    calls.begin();
    return new SingleLoad<>(calls, options).run(key, loader);
  }

  /**
   * {@link #getOrLoad(String, Loader, CacheOptions)} that does not block.
   *
   * @param key 1 to 1,024 bytes of UTF-8
   * @param loader must not block; its failure is the future's
   * @param options how to store it, and how long to wait for another's load
   * @return the value and where it is from, later
   */
  public CompletableFuture<Cached<T>> getOrLoadAsync(
      String key,
      Function<String, ? extends CompletionStage<? extends T>> loader,
      CacheOptions options) {
    calls.begin();
    return new SingleLoad<>(calls, options).runAsync(key, loader);
  }

  /**
   * The values of many keys. All that are missing, and that nobody else loads, are loaded by one
   * call of the loader; then those that others load are waited for.
   *
   * @param <E> what the loader throws
   * @param keys each 1 to 1,024 bytes of UTF-8; any number
   * @param loader runs in this thread, or in the background
   * @param options how to store them, and how long to wait for others' loads
   * @return one for each key, in their order
   * @throws E what the loader throws, as it is
   */
  public <E extends Exception> Map<String, Cached<T>> getOrLoadMany(
      Collection<String> keys, ManyLoader<T, E> loader, CacheOptions options) throws E {
    calls.begin();
    return new ManyLoads<>(calls, options).run(keys, loader);
  }

  /**
   * {@link #getOrLoadMany} that does not block.
   *
   * @param keys each 1 to 1,024 bytes of UTF-8; any number
   * @param loader must not block; its failure is the future's
   * @param options how to store them, and how long to wait for others' loads
   * @return one for each key, in their order, later
   */
  public CompletableFuture<Map<String, Cached<T>>> getOrLoadManyAsync(
      Collection<String> keys,
      Function<List<String>, ? extends CompletionStage<? extends Map<String, ? extends T>>> loader,
      CacheOptions options) {
    calls.begin();
    return new AsyncManyLoads<>(calls, options).run(keys, loader);
  }

  /**
   * A function whose values are cached.
   *
   * <pre>{@code
   * CheckedFunction<Long, Profile, SQLException> profileOf =
   *     profiles.wrap(id -> "user:" + id, database::load, CacheOptions.usual());
   * }</pre>
   *
   * @param <A> its argument
   * @param <E> what it throws
   * @param key the key of an argument
   * @param function makes the value of an argument
   * @param options how to store values, and how long to wait for others' loads
   * @return gives what the function would give; null if that gave null
   */
  public <A, E extends Exception> CheckedFunction<A, T, E> wrap(
      Function<? super A, String> key,
      CheckedFunction<? super A, ? extends T, E> function,
      CacheOptions options) {
    return argument ->
        this.<E>getOrLoad(key.apply(argument), text -> function.apply(argument), options).value();
  }

  /**
   * Only looks: nothing is loaded.
   *
   * @param key 1 to 1,024 bytes of UTF-8
   * @return what there is; no value without a sidecar
   */
  public Cached<T> get(String key) {
    try {
      return found(calls.sidecar.await(calls.peek(key)));
    } catch (SidecarFailure failure) {
      return missed(failure, Cached.nothing(Source.FALLBACK));
    }
  }

  /**
   * {@link #get} that does not block.
   *
   * @param key 1 to 1,024 bytes of UTF-8
   * @return what there is, later
   */
  public CompletableFuture<Cached<T>> getAsync(String key) {
    return calls.sidecar.async(
        calls.peek(key),
        this::found,
        failure -> missed(failure, Cached.<T>nothing(Source.FALLBACK)));
  }

  /**
   * Stores a value; loads of it that are under way are not stored any more.
   *
   * @param key 1 to 1,024 bytes of UTF-8
   * @param value null: remember that there is none
   * @param options how to store it
   * @return whether it was
   * @throws IllegalArgumentException if the codec cannot encode it
   */
  public Stored set(String key, T value, CacheOptions options) {
    try {
      return Stored.of(calls.sidecar.await(storing(key, value, options)));
    } catch (SidecarFailure failure) {
      return missed(failure, Stored.withoutSidecar());
    }
  }

  /**
   * {@link #set} that does not block.
   *
   * @param key 1 to 1,024 bytes of UTF-8
   * @param value null: remember that there is none
   * @param options how to store it
   * @return whether it was, later
   * @throws IllegalArgumentException if the codec cannot encode it
   */
  public CompletableFuture<Stored> setAsync(String key, T value, CacheOptions options) {
    return calls.sidecar.async(
        storing(key, value, options),
        Stored::of,
        failure -> missed(failure, Stored.withoutSidecar()));
  }

  /**
   * Removes a value; loads of it that are under way are not stored any more.
   *
   * @param key 1 to 1,024 bytes of UTF-8
   * @return whether there was one
   */
  public Removed delete(String key) {
    try {
      return deleted(calls.sidecar.await(deletion(key)));
    } catch (SidecarFailure failure) {
      return missed(failure, Removed.withoutSidecar());
    }
  }

  /**
   * {@link #delete} that does not block.
   *
   * @param key 1 to 1,024 bytes of UTF-8
   * @return whether there was one, later
   */
  public CompletableFuture<Removed> deleteAsync(String key) {
    return calls.sidecar.async(
        deletion(key), Cache::deleted, failure -> missed(failure, Removed.withoutSidecar()));
  }

  /**
   * Makes values unusable, or stale, in the whole fleet.
   *
   * @param which by key, tag or glob
   * @return how many there were, where that is counted
   */
  public Removed invalidate(Invalidation which) {
    try {
      return invalidated(calls.sidecar.await(invalidation(which)));
    } catch (SidecarFailure failure) {
      return missed(failure, Removed.withoutSidecar());
    }
  }

  /**
   * {@link #invalidate} that does not block.
   *
   * @param which by key, tag or glob
   * @return how many there were, where that is counted, later
   */
  public CompletableFuture<Removed> invalidateAsync(Invalidation which) {
    return calls.sidecar.async(
        invalidation(which),
        Cache::invalidated,
        failure -> missed(failure, Removed.withoutSidecar()));
  }

  private CompletableFuture<DeleteResponse> deletion(String key) {
    DeleteRequest request =
        DeleteRequest.newBuilder().setNamespace(calls.namespace).setKey(key).build();
    return calls.ask(CacheGrpc.getDeleteMethod(), request);
  }

  private CompletableFuture<InvalidateResponse> invalidation(Invalidation which) {
    return calls.ask(CacheGrpc.getInvalidateMethod(), which.request(calls.namespace));
  }

  private CompletableFuture<SetResponse> storing(String key, T value, CacheOptions options) {
    SetRequest request;
    try {
      request = calls.request(key, value, options).build();
    } catch (Exception unencodable) {
      throw new IllegalArgumentException("the codec cannot encode the value", unencodable);
    }
    return calls.ask(CacheGrpc.getSetMethod(), request);
  }

  private Cached<T> found(GetResponse response) {
    Cached<T> found = calls.cached(response);
    return found == null ? Cached.nothing(Source.SIDECAR) : found;
  }

  private static Removed deleted(DeleteResponse response) {
    return new Removed(response.getDeleted() ? 1 : 0, response.getDegraded(), Source.SIDECAR);
  }

  private static Removed invalidated(InvalidateResponse response) {
    long count = response.hasInvalidated() ? response.getInvalidated() : -1;
    return new Removed(count, response.getDegraded(), Source.SIDECAR);
  }

  private <R> R missed(SidecarFailure failure, R answer) {
    failure.throwIfCallers();
    calls.counts.fellBack();
    return answer;
  }
}
