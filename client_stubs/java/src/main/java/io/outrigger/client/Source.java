package io.outrigger.client;

/** Who gave an answer. */
public enum Source {
  /** The sidecar, or in a breaker's case what it has told this process and still holds. */
  SIDECAR,
  /** The part's policy in this process: the sidecar did not answer in time. */
  FALLBACK
}
