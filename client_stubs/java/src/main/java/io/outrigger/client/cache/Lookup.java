package io.outrigger.client.cache;

import com.google.protobuf.ByteString;
import io.outrigger.client.Source;

/**
 * What an answer of Get means for its caller.
 *
 * @param next what to do
 * @param answer what to give the caller; null unless ANSWER
 * @param token the right to load; null: none. With ANSWER: load in the background
 * @param source of what the caller will get
 */
record Lookup<T>(Next next, Cached<T> answer, ByteString token, Source source) {

  enum Next {
    /** The answer is there. */
    ANSWER,
    /** Load it, and store it with the token. */
    FILL,
    /** Another loads it: ask again, and wait. */
    WAIT,
    /** Load it, and store nothing. */
    LOAD_ALONE
  }

  static <T> Lookup<T> answer(Cached<T> answer, ByteString token) {
    return new Lookup<>(Next.ANSWER, answer, token, answer.source());
  }

  static <T> Lookup<T> fill(ByteString token) {
    return new Lookup<>(Next.FILL, null, token, Source.SIDECAR);
  }

  static <T> Lookup<T> waitForOther() {
    return new Lookup<>(Next.WAIT, null, null, Source.SIDECAR);
  }

  static <T> Lookup<T> loadAlone(Source source) {
    return new Lookup<>(Next.LOAD_ALONE, null, null, source);
  }

  /** For a caller that has waited, and waits no longer. */
  Lookup<T> withoutWaiting() {
    return next == Next.WAIT ? loadAlone(Source.SIDECAR) : this;
  }
}
