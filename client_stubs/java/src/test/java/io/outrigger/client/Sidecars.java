package io.outrigger.client;

import java.time.Duration;
import java.util.UUID;

/** Clients of the sidecar that the tests run beside. */
public final class Sidecars {
  private Sidecars() {}

  /** Long timeouts: a busy machine must not turn an answer into a fallback. */
  public static OutriggerOptions.Builder patient() {
    return OutriggerOptions.builder().timeout(Duration.ofSeconds(20));
  }

  public static Outrigger connect() {
    return Outrigger.connect(patient().build());
  }

  /** A client whose sidecar is not there. */
  public static OutriggerOptions.Builder gone() {
    return OutriggerOptions.builder().target("unix:/nobody/listens/here.sock");
  }

  /** A name that no other test has. */
  public static String unique() {
    return UUID.randomUUID().toString();
  }
}
