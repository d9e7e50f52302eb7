package io.outrigger.client.cache;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * Values as JSON, by Jackson. Needs {@code com.fasterxml.jackson.core:jackson-databind}, which this
 * library does not bring. Thread-safe.
 *
 * @param <T> the values' type
 */
public final class JacksonCodec<T> implements Codec<T> {
  private final ObjectMapper mapper;
  private final JavaType type;

  private JacksonCodec(ObjectMapper mapper, JavaType type) {
    this.mapper = mapper;
    this.type = type;
  }

  /**
   * JSON by a mapper of its own, with the modules that are on the class path.
   *
   * @param <T> the values' type
   * @param type the same
   * @return a codec
   */
  public static <T> JacksonCodec<T> of(Class<T> type) {
    return of(JsonMapper.builder().findAndAddModules().build(), type);
  }

  /**
   * JSON by the application's mapper.
   *
   * @param <T> the values' type
   * @param mapper not changed any more
   * @param type the values' type
   * @return a codec
   */
  public static <T> JacksonCodec<T> of(ObjectMapper mapper, Class<T> type) {
    return new JacksonCodec<>(mapper, mapper.constructType(type));
  }

  /**
   * JSON of a generic type, e.g. {@code new TypeReference<List<User>>() {}}.
   *
   * @param <T> the values' type
   * @param mapper not changed any more
   * @param type the values' type
   * @return a codec
   */
  public static <T> JacksonCodec<T> of(ObjectMapper mapper, TypeReference<T> type) {
    return new JacksonCodec<>(mapper, mapper.constructType(type));
  }

  @Override
  public byte[] encode(T value) throws IOException {
    return mapper.writeValueAsBytes(value);
  }

  @Override
  public T decode(byte[] bytes) throws IOException {
    T value = mapper.readValue(bytes, type);
    if (value == null) {
      throw new IOException("the value is null");
    }
    return value;
  }
}
