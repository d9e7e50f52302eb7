package io.outrigger.client.cache;

/**
 * A function that may throw; see {@link Cache#wrap}.
 *
 * @param <A> its argument
 * @param <T> its value
 * @param <E> what it throws
 */
@FunctionalInterface
public interface CheckedFunction<A, T, E extends Exception> {

  /**
   * Calls it.
   *
   * @param argument of any kind
   * @return its value; null: there is none
   * @throws E as it likes
   */
  T apply(A argument) throws E;
}
