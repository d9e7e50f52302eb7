package io.outrigger.client.cache;

import io.outrigger.client.Source;
import java.util.Optional;

/**
 * What the cache, or a loader, has for a key.
 *
 * @param <T> the value's type
 * @param value null: there is none
 * @param loaded this call ran the loader before it answered
 * @param stale the value is past its time, and is loaded anew by somebody
 * @param degraded the sidecar answered without the fleet's store, which is out of reach
 * @param source whether the sidecar took part
 */
public record Cached<T>(
    T value, boolean loaded, boolean stale, boolean degraded, Source source) {

  /**
   * The value, if there is one.
   *
   * @return empty: none
   */
  public Optional<T> optional() {
    return Optional.ofNullable(value);
  }

  /**
   * Whether there is a value.
   *
   * @return false: {@link #value} is null
   */
  public boolean isPresent() {
    return value != null;
  }

  static <T> Cached<T> loaded(T value, Source source) {
    return new Cached<>(value, true, false, false, source);
  }

  static <T> Cached<T> nothing(Source source) {
    return new Cached<>(null, false, false, false, source);
  }
}
