package io.outrigger.client.limits;

import io.outrigger.client.connection.Times;
import io.outrigger.ratelimit.v1.ReportRequest;
import java.time.Duration;
import java.util.Map;

/**
 * How calls that an adaptive limit admitted have ended. Immutable; each {@code with…} gives a new
 * one.
 */
public final class LimitReport {

  /** How a call ended. */
  public enum Result {
    /** It was served as usual: the limit may rise. */
    SUCCESS,
    /** It failed (error, timeout): the limit falls. */
    FAILURE,
    /** The upstream said that it is overloaded: the limit falls. */
    THROTTLED
  }

  private final ReportRequest proto;

  private LimitReport(ReportRequest proto) {
    this.proto = proto;
  }

  /**
   * One call's end, for every adaptive limit that matches.
   *
   * @param attributes as in {@code allow}
   * @param result how it ended
   * @return the report
   */
  public static LimitReport of(Map<String, String> attributes, Result result) {
    return new LimitReport(
        ReportRequest.newBuilder()
            .putAllAttributes(attributes)
            .setResult(ReportRequest.Result.valueOf(result.name()))
            .build());
  }

  /**
   * To this limit only.
   *
   * @param limit a configured name; empty: all that match
   * @return a new report
   */
  public LimitReport withLimit(String limit) {
    return new LimitReport(proto.toBuilder().setLimit(limit).build());
  }

  /**
   * How long the calls took, each; for metrics only.
   *
   * @param duration at least 0
   * @return a new report
   */
  public LimitReport withDuration(Duration duration) {
    return new LimitReport(proto.toBuilder().setDuration(Times.toProto(duration)).build());
  }

  /**
   * How many calls ended so. A report is one step of the limit, however many it stands for.
   *
   * @param count at least 1
   * @return a new report
   */
  public LimitReport withCount(long count) {
    return new LimitReport(proto.toBuilder().setCount(count).build());
  }

  ReportRequest proto() {
    return proto;
  }
}
