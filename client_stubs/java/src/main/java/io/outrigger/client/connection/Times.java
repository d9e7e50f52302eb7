package io.outrigger.client.connection;

import java.time.Duration;

/** Durations here and on the wire. Not for applications. */
public final class Times {
  private Times() {}

  /**
   * As the protos have it.
   *
   * @param time not null
   * @return the same time
   */
  public static com.google.protobuf.Duration toProto(Duration time) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(time.getSeconds())
        .setNanos(time.getNano())
        .build();
  }

  /**
   * As Java has it.
   *
   * @param time from the wire; what is unset is zero
   * @return the same time
   */
  public static Duration fromProto(com.google.protobuf.Duration time) {
    return time.getSeconds() == 0 && time.getNanos() == 0
        ? Duration.ZERO
        : Duration.ofSeconds(time.getSeconds(), time.getNanos());
  }

  /**
   * Nanoseconds of a duration, however long it is.
   *
   * @param time not null
   * @return at most about 146 years, so that sums of two do not overflow
   */
  public static long nanos(Duration time) {
    long most = Long.MAX_VALUE / 2;
    return time.compareTo(Duration.ofNanos(most)) >= 0 ? most : time.toNanos();
  }
}
