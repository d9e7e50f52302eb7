package io.outrigger.client;

/** Lets tests see what a client keeps. */
public final class PendingLeases {
  private PendingLeases() {}

  public static int of(Outrigger client) {
    return client.pendingLeases().join();
  }
}
