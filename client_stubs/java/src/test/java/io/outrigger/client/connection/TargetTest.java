package io.outrigger.client.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetTest {
  @Test
  void allFormsAreUnderstood() {
    assertEquals(new Target("/a/b", null, 0), Target.parse("unix:///a/b"));
    assertEquals(new Target("/a/b", null, 0), Target.parse("unix:/a/b"));
    assertEquals(new Target("a", null, 0), Target.parse("unix:a"));
    assertEquals(new Target("./a", null, 0), Target.parse("./a"));
    assertEquals(new Target(null, "pod", 7420), Target.parse("pod:7420"));
    assertEquals(new Target(null, "::1", 7420), Target.parse("[::1]:7420"));
    assertEquals("[::1]:7420", Target.parse("[::1]:7420").toString());
  }

  @Test
  void whatIsNoTargetIsAnError() {
    for (String wrong : new String[] {"pod", "pod:", ":7420", "pod:0", "pod:65536", "::1:7420", "unix:"}) {
      assertThrows(IllegalArgumentException.class, () -> Target.parse(wrong), wrong);
    }
  }

  @Test
  void whatIsGivenComesBeforeTheEnvironment() {
    Map<String, String> environment = Map.of("OUTRIGGER_TARGET", "pod:1");
    assertEquals(new Target(null, "other", 2), Target.find("other:2", environment));
    assertEquals(new Target(null, "pod", 1), Target.find(null, environment));
  }

  @Test
  void theFirstSocketThatExistsIsTaken(@TempDir Path root) throws IOException {
    Path run = Files.createDirectories(root.resolve("run"));
    Path user = Files.createDirectories(root.resolve("user"));
    Path temporary = Files.createDirectories(root.resolve("tmp"));
    assertEquals(
        new Target(null, "127.0.0.1", 7420), Target.usual(run, user.toString(), temporary));

    Files.createDirectories(run.resolve("outrigger"));
    String expected = run.resolve("outrigger/outrigger.sock").toString();
    assertEquals(expected, Target.usual(run, user.toString(), temporary).path());

    Path socket = Files.createDirectories(user.resolve("outrigger")).resolve("outrigger.sock");
    Files.createFile(socket);
    assertEquals(socket.toString(), Target.usual(run, user.toString(), temporary).path());
  }
}
