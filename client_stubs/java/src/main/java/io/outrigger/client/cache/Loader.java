package io.outrigger.client.cache;

/**
 * Makes the value of a key where it really is, e.g. in a database.
 *
 * @param <T> the value's type
 * @param <E> what it throws; its caller gets that as it is
 */
@FunctionalInterface
public interface Loader<T, E extends Exception> {

  /**
   * Loads it.
   *
   * @param key whose value
   * @return the value; null: there is none, which is remembered, too
   * @throws E if it cannot be loaded
   */
  T load(String key) throws E;
}
