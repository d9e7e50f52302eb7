package io.outrigger.client.connection;

import io.grpc.ClientInterceptor;
import java.util.List;

/**
 * The caller's trace, where OpenTelemetry's API is present. Thread-safe. Not for applications.
 *
 * <p>The only class that knows whether it is; {@link OpenTelemetryTraces} is loaded only then.
 */
public final class Traces {
  private static final boolean PRESENT = present();

  private Traces() {}

  static List<ClientInterceptor> interceptors() {
    return PRESENT ? List.of(new OpenTelemetryTraces()) : List.of();
  }

  /**
   * Whether the caller's trace is recorded, so that its calls go by themselves.
   *
   * @return false without OpenTelemetry
   */
  public static boolean isSampled() {
    return PRESENT && OpenTelemetryTraces.isSampled();
  }

  private static boolean present() {
    try {
      Class.forName(
          "io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator",
          false,
          Traces.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException absent) {
      return false;
    }
  }
}
