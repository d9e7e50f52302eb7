package io.outrigger.client;

/** How a call to a service, or the use of a connection, ended. */
public enum CallResult {
  /** It was served, be it with an answer that its caller did not like. */
  SUCCESS,
  /** The service's fault: an error, a timeout, no connection. */
  FAILURE,
  /** It says nothing about the service, e.g. because the caller gave up. Not counted. */
  IGNORED;

  /**
   * What an HTTP status says about the service: below 500 it has served.
   *
   * @param status 100 to 599
   * @return {@link #SUCCESS} or {@link #FAILURE}
   */
  public static CallResult ofHttpStatus(int status) {
    return status < 500 ? SUCCESS : FAILURE;
  }
}
