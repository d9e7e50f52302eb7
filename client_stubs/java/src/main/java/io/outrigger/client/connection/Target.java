package io.outrigger.client.connection;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where the sidecar listens: a Unix socket, or a host and a port. Not for applications.
 *
 * @param path of the Unix socket; null: TCP
 * @param host a name or an address, without brackets; null: Unix socket
 * @param port 1 to 65535; 0: Unix socket
 */
public record Target(String path, String host, int port) {
  private static final Target USUAL_TCP = new Target(null, "127.0.0.1", 7420);
  private static final String SOCKET = "outrigger/outrigger.sock";

  /**
   * The target that was given, or that the environment names, or that is usual.
   *
   * @param given {@code unix:///path}, {@code unix:path}, a path or {@code host:port}; null or
   *     empty: none was given
   * @param environment the process' variables
   * @return what to connect to; whether anybody listens there is not looked at
   * @throws IllegalArgumentException if it cannot be understood
   */
  public static Target find(String given, Map<String, String> environment) {
    if (given != null && !given.isEmpty()) {
      return parse(given);
    }
    String named = environment.get("OUTRIGGER_TARGET");
    if (named != null && !named.isEmpty()) {
      return parse(named);
    }
    return usual(Path.of("/run"), environment.get("XDG_RUNTIME_DIR"), Path.of("/tmp"));
  }

  /** The first socket that exists, or where one is to be expected. */
  static Target usual(Path run, String runtimeFolder, Path temporary) {
    List<Path> folders = new ArrayList<>();
    folders.add(run);
    if (runtimeFolder != null && !runtimeFolder.isEmpty()) {
      folders.add(Path.of(runtimeFolder));
    }
    folders.add(temporary);
    for (Path folder : folders) {
      if (Files.exists(folder.resolve(SOCKET))) {
        return unix(folder.resolve(SOCKET).toString());
      }
    }
    Path expected = run.resolve(SOCKET);
    return Files.isDirectory(expected.getParent()) ? unix(expected.toString()) : USUAL_TCP;
  }

  static Target parse(String text) {
    if (text.startsWith("unix://")) {
      return unix(text.substring("unix://".length()));
    }
    if (text.startsWith("unix:")) {
      return unix(text.substring("unix:".length()));
    }
    if (text.contains("/")) {
      return unix(text);
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.contains(":")) {
      throw unknown(text);
    }
    if (host.isEmpty()) {
      throw unknown(text);
    }
    return new Target(null, host, port(text, text.substring(colon + 1)));
  }

  /**
   * Whether it is a Unix socket.
   *
   * @return false: TCP
   */
  public boolean isUnix() {
    return path != null;
  }

  @Override
  public String toString() {
    if (isUnix()) {
      return "unix:" + path;
    }
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static Target unix(String path) {
    if (path.isEmpty()) {
      throw new IllegalArgumentException("the target's path is empty");
    }
    return new Target(path, null, 0);
  }

  private static int port(String text, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException notNumber) {
      throw unknown(text);
    }
    throw unknown(text);
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException(
        "target \"" + text + "\" is none of unix:///path, unix:path, a path and host:port");
  }
}
