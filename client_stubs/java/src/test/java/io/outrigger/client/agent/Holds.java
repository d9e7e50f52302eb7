package io.outrigger.client.agent;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** Loaders and bodies that wait until they are told to go on. */
final class Holds {
  private final Map<String, CountDownLatch> holds = new ConcurrentHashMap<>();

  void waitFor(String name) {
    if (name.isEmpty()) {
      return;
    }
    try {
      hold(name).await();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  void goOn(String name) {
    hold(name).countDown();
  }

  private CountDownLatch hold(String name) {
    return holds.computeIfAbsent(name, unknown -> new CountDownLatch(1));
  }
}
