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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Drives the library for the conformance suite; see tests/conformance/README.md. */
public final class Agent {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;
  private final Operations operations = new Operations();

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
      begin(JSON.readTree(line));
    }
    operations.close();
  }

  private void begin(JsonNode request) {
    CompletableFuture<ObjectNode> begun;
    try {
      begun =
          operations.begin(request.path("op").asText(), new Args(request.path("args")));
    } catch (RuntimeException failure) {
      begun = CompletableFuture.failedFuture(failure);
    }
    begun.whenComplete((ok, failure) -> write(answer(request.get("id"), ok, failure)));
  }

  private static ObjectNode answer(JsonNode id, ObjectNode ok, Throwable failure) {
    ObjectNode answer = JSON.createObjectNode();
    answer.set("id", id);
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause == null) {
      answer.set("ok", ok);
    } else if (cause instanceof OutriggerException error) {
      error(answer, error.code().name(), error.getMessage());
    } else if (cause instanceof LoaderFailure) {
      error(answer, "LOADER", cause.getMessage());
    } else {
      cause.printStackTrace();
      error(answer, "UNEXPECTED", cause.toString());
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
