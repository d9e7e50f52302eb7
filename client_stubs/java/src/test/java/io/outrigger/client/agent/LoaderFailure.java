package io.outrigger.client.agent;

/** What a loader of a scenario's throws. */
final class LoaderFailure extends Exception {
  LoaderFailure(String message) {
    super(message);
  }
}
