package io.outrigger.client.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.outrigger.client.OutriggerException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Drives the library for the conformance suite; see tests/conformance/README.md. */
public final class Agent {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;
  private final Operations operations = new Operations();
  private final ExecutorService requests = Executors.newCachedThreadPool();

  private Agent(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    System.setOut(System.err);
    WarmUp.run();
    Agent agent = new Agent(out);
    agent.write(JSON.createObjectNode().put("ready", true));
    agent.serve(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    System.exit(0);
  }

  private void serve(BufferedReader in) throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode request = JSON.readTree(line);
      requests.execute(() -> write(answer(request)));
    }
    operations.close();
  }

  private ObjectNode answer(JsonNode request) {
    ObjectNode answer = JSON.createObjectNode();
    answer.set("id", request.get("id"));
    try {
      answer.set("ok", operations.run(request.path("op").asText(), new Args(request.path("args"))));
    } catch (OutriggerException error) {
      error(answer, error.code().name(), error.getMessage());
    } catch (LoaderFailure error) {
      error(answer, "LOADER", error.getMessage());
    } catch (Throwable error) {
      error.printStackTrace();
      error(answer, "UNEXPECTED", error.toString());
    }
    return answer;
  }

  private static void error(ObjectNode answer, String code, String message) {
    answer.putObject("error").put("code", code).put("message", message);
  }

  private void write(ObjectNode message) {
    synchronized (out) {
      out.println(message);
      out.flush();
    }
  }
}
