package io.outrigger.client.cache;

import com.google.protobuf.ByteString;
import io.outrigger.cache.v1.SetRequest;
import io.outrigger.client.connection.Times;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * How a value is stored, and how long to wait for it. Immutable; each {@code with…} gives a new one.
 */
public final class CacheOptions {
  private static final CacheOptions USUAL =
      new CacheOptions(null, null, List.of(), Duration.ofSeconds(5));

  private final Duration ttl; // null: the namespace's
  private final Duration staleFor; // null: the namespace's
  private final List<String> tags;
  private final Duration maxWait;

  private CacheOptions(
      Duration ttl, Duration staleFor, List<String> tags, Duration maxWait) {
    this.ttl = ttl;
    this.staleFor = staleFor;
    this.tags = tags;
    this.maxWait = maxWait;
  }

  /**
   * The namespace's times, no tags, and 5 s of waiting for another's load.
   *
   * @return the same object each time
   */
  public static CacheOptions usual() {
    return USUAL;
  }

  /**
   * How long a value is fresh. Does not count where a loader finds that there is none: for that the
   * namespace's absent_ttl does.
   *
   * @param ttl 1 ms to 30 days. Unset: the namespace's
   * @return new options
   */
  public CacheOptions withTtl(Duration ttl) {
    return new CacheOptions(ttl, staleFor, tags, maxWait);
  }

  /**
   * How long after that it may be served while it is loaded anew.
   *
   * @param staleFor 0 to 30 days. Unset: the namespace's
   * @return new options
   */
  public CacheOptions withStaleFor(Duration staleFor) {
    return new CacheOptions(ttl, staleFor, tags, maxWait);
  }

  /**
   * Names under which it can be invalidated together with others.
   *
   * @param tags at most 16, each 1 to 128 bytes. Unset: none
   * @return new options
   */
  public CacheOptions withTags(Collection<String> tags) {
    return new CacheOptions(ttl, staleFor, List.copyOf(tags), maxWait);
  }

  /**
   * How long to wait while another caller in the fleet loads it; after that this one loads, too.
   *
   * @param maxWait 0 (not at all) to 1 hour. Unset: 5 s
   * @return new options
   */
  public CacheOptions withMaxWait(Duration maxWait) {
    return new CacheOptions(ttl, staleFor, tags, maxWait);
  }

  Duration maxWait() {
    return maxWait;
  }

  /** How to store that a loader has found nothing: for as long as the namespace says. */
  CacheOptions ofLoadedAbsence() {
    return new CacheOptions(null, null, tags, maxWait);
  }

  /** A Set of `value`; null: remember that there is none. */
  SetRequest.Builder set(String namespace, String key, ByteString value) {
    SetRequest.Builder request =
        SetRequest.newBuilder().setNamespace(namespace).setKey(key).addAllTags(tags);
    if (value == null) {
      request.setAbsent(true);
    } else {
      request.setValue(value);
    }
    if (ttl != null) {
      request.setTtl(Times.toProto(ttl));
    }
    if (staleFor != null) {
      request.setStaleFor(Times.toProto(staleFor));
    }
    return request;
  }
}
