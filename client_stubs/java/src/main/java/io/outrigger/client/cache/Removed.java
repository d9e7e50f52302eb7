package io.outrigger.client.cache;

import io.outrigger.client.Source;

/**
 * What became of values that were to be removed.
 *
 * @param count how many there were; -1: not counted (by tag, by glob, or without an answer)
 * @param degraded done in this pod; the fleet's store is out of reach, and is told when it is back
 * @param source {@link Source#FALLBACK}: the sidecar did not answer; it may not have been done
 */
public record Removed(long count, boolean degraded, Source source) {

  /**
   * Whether there was a value, and it is gone.
   *
   * @return false, too, if that is not known
   */
  public boolean any() {
    return count > 0;
  }

  static Removed withoutSidecar() {
    return new Removed(-1, false, Source.FALLBACK);
  }
}
