package io.outrigger.client.cache;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Turns values into bytes and back. Must be thread-safe.
 *
 * <p>A value that cannot be decoded (of an older version of the application, say) counts as one that
 * is missing.
 *
 * @param <T> the values' type
 */
public interface Codec<T> {

  /**
   * A value's bytes.
   *
   * @param value not null
   * @return at most the namespace's {@code max_value}
   * @throws Exception if it cannot be encoded; it is then not stored
   */
  byte[] encode(T value) throws Exception;

  /**
   * The value of bytes.
   *
   * @param bytes as {@link #encode} made them, in this process or another
   * @return not null
   * @throws Exception if they are none
   */
  T decode(byte[] bytes) throws Exception;

  /**
   * Text as UTF-8.
   *
   * @return a codec
   */
  static Codec<String> text() {
    return of(
        text -> text.getBytes(StandardCharsets.UTF_8),
        bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /**
   * Bytes as they are.
   *
   * @return a codec
   */
  static Codec<byte[]> bytes() {
    return of(bytes -> bytes, bytes -> bytes);
  }

  /**
   * A codec of two functions.
   *
   * @param <T> the values' type
   * @param encode a value's bytes
   * @param decode the value of bytes; throws if they are none
   * @return a codec
   */
  static <T> Codec<T> of(Function<T, byte[]> encode, Function<byte[], T> decode) {
    return new Codec<>() {
      @Override
      public byte[] encode(T value) {
        return encode.apply(value);
      }

      @Override
      public T decode(byte[] bytes) {
        return decode.apply(bytes);
      }
    };
  }
}
