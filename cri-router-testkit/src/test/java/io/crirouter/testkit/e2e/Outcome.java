package io.crirouter.testkit.e2e;

import com.google.protobuf.Message;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/**
 * The outcome of a unary call at a client.
 *
 * @param trailers by name; binary values are in hexadecimal
 */
record Outcome(
    Status.Code code,
    String message,
    Map<String, List<String>> trailers,
    Optional<Message> answer) {

  static Outcome of(Supplier<? extends Message> call) {
    try {
      return new Outcome(Status.Code.OK, "", Map.of(), Optional.of(call.get()));
    } catch (StatusRuntimeException e) {
      Status status = e.getStatus();
      String message = status.getDescription() == null ? "" : status.getDescription();
      Metadata trailers = e.getTrailers() == null ? new Metadata() : e.getTrailers();
      return new Outcome(status.getCode(), message, values(trailers), Optional.empty());
    }
  }

  /** The same without the fields that differ between two calls. */
  Outcome withoutVolatileFields() {
    return new Outcome(code, message, trailers, answer.map(VolatileFields::removedFrom));
  }

  /** The same with the ids and image names of the runtime. */
  Outcome withRuntimeNames(Side side) {
    return new Outcome(code, message, trailers, answer.map(side::toRuntimeNames));
  }

  private static Map<String, List<String>> values(Metadata trailers) {
    Map<String, List<String>> values = new TreeMap<>();
    for (String name : trailers.keys()) {
      values.put(
          name,
          name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
              ? all(trailers, Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER)).stream()
                  .map(HexFormat.of()::formatHex)
                  .toList()
              : all(trailers, Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
    }
    return values;
  }

  private static <T> List<T> all(Metadata trailers, Metadata.Key<T> key) {
    Iterable<T> values = trailers.getAll(key);
    return values == null ? List.of() : StreamSupport.stream(values.spliterator(), false).toList();
  }
}
