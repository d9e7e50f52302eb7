package io.outrigger.client.agent;

/** none */
final class WarmUp {
  static void run() {}
}
