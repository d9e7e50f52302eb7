package io.outrigger.client.cache;

import io.outrigger.cache.v1.Reason;
import io.outrigger.cache.v1.SetResponse;
import io.outrigger.client.Source;

/**
 * What became of a value that was to be stored.
 *
 * @param stored whether it was
 * @param version the new one, or, if it was not stored, the current one; 0: none, or not known
 * @param reason why not; {@code REASON_UNSPECIFIED} if it was
 * @param degraded the sidecar answered without the fleet's store, which is out of reach
 * @param source {@link Source#FALLBACK}: the sidecar did not answer; it may have been stored
 */
public record Stored(
    boolean stored, long version, Reason reason, boolean degraded, Source source) {

  static Stored of(SetResponse response) {
    return new Stored(
        response.getStored(),
        response.getVersion(),
        response.getReason(),
        response.getDegraded(),
        Source.SIDECAR);
  }

  static Stored withoutSidecar() {
    return new Stored(false, 0, Reason.STORE_UNAVAILABLE, false, Source.FALLBACK);
  }
}
