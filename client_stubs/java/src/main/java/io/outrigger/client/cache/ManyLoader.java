package io.outrigger.client.cache;

import java.util.List;
import java.util.Map;

/**
 * Makes the values of many keys at once.
 *
 * @param <T> the values' type
 * @param <E> what it throws; its caller gets that as it is
 */
@FunctionalInterface
public interface ManyLoader<T, E extends Exception> {

  /**
   * Loads them.
   *
   * @param keys whose values; not empty, no key twice
   * @return the values by key; of keys that it leaves out there is none, which is remembered, too
   * @throws E if they cannot be loaded
   */
  Map<String, ? extends T> load(List<String> keys) throws E;
}
