package io.outrigger.client.agent;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request's arguments. */
record Args(JsonNode json) {

  boolean has(String name) {
    return json.hasNonNull(name);
  }

  Args at(String name) {
    return new Args(json.path(name));
  }

  String text(String name) {
    return json.path(name).asText("");
  }

  String text(String name, String usual) {
    return has(name) ? text(name) : usual;
  }

  boolean flag(String name) {
    return json.path(name).asBoolean();
  }

  long number(String name, long usual) {
    return json.path(name).asLong(usual);
  }

  double fraction(String name, double usual) {
    return json.path(name).asDouble(usual);
  }

  Duration time(String name) {
    return Duration.ofNanos(Math.round(json.path(name).asDouble() * 1e6));
  }

  List<String> list(String name) {
    List<String> values = new ArrayList<>();
    json.path(name).forEach(value -> values.add(value.asText()));
    return values;
  }

  Map<String, String> map(String name) {
    Map<String, String> values = new LinkedHashMap<>();
    json.path(name)
        .fields()
        .forEachRemaining(field -> values.put(field.getKey(), field.getValue().asText()));
    return values;
  }
}
