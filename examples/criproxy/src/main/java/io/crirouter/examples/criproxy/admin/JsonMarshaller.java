package io.crirouter.examples.criproxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Converts records to JSON objects with the same keys.
 *
 * @param type the record
 */
record JsonMarshaller<T>(Class<T> type) implements Marshaller<T> {
  private static final Gson WIRE =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final Gson READABLE = WIRE.newBuilder().setPrettyPrinting().create();

  /** A message in indented JSON. */
  static String readable(Object message) {
    return READABLE.toJson(message);
  }

  /** A message in one line of JSON. */
  static String line(Object message) {
    return WIRE.toJson(message);
  }

  @Override
  public InputStream stream(T message) {
    return new ByteArrayInputStream(WIRE.toJson(message).getBytes(UTF_8));
  }

  @Override
  public T parse(InputStream message) {
    try {
      T parsed = WIRE.fromJson(new String(message.readAllBytes(), UTF_8), type);
      if (parsed == null) {
        throw malformed("it is empty", null);
      }
      return parsed;
    } catch (JsonParseException | IOException e) {
      throw malformed(String.valueOf(e.getMessage()), e);
    }
  }

  private RuntimeException malformed(String why, @Nullable Exception cause) {
    return Status.INVALID_ARGUMENT
        .withDescription("not a " + type.getSimpleName() + " in JSON: " + why)
        .withCause(cause)
        .asRuntimeException();
  }
}
