package io.crirouter.core.internal.wire;

import com.google.common.base.Strings;
import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.schema.FieldPath;
import io.crirouter.proto.routing.Reference;
import org.jspecify.annotations.Nullable;

/**
 * Reads the field of a request that decides its route. A request with two different values of the
 * field is refused, because router and runtime must not read different owners. Immutable.
 */
public final class RoutingField {
  private final FieldPath path;
  private final int[] numbers;

  /** Reads the field at {@code path}, on which no field is repeated. */
  public RoutingField(FieldPath path) {
    this.path = path;
    this.numbers = path.numbers();
  }

  /** What the field refers to. */
  public Reference reference() {
    return path.last().reference();
  }

  /**
   * The field's value, empty if absent.
   *
   * @throws MalformedMessageException if {@code request} is not a protobuf message
   * @throws RpcException INVALID_ARGUMENT if the field occurs with two different values
   */
  public String read(ByteString request) throws MalformedMessageException, RpcException {
    return Strings.nullToEmpty(read(new WireCursor(WireBytes.of(request)), 0, null));
  }

  /** The value below the current message, or the one before it; null if there is none. */
  private @Nullable String read(WireCursor cursor, int depth, @Nullable String before)
      throws MalformedMessageException, RpcException {
    String value = before;
    while (cursor.next()) {
      if (cursor.field() != numbers[depth] || cursor.type() != WireCursor.LEN) {
        continue;
      }
      if (depth == numbers.length - 1) {
        value = same(value, cursor);
      } else {
        int outer = cursor.enter();
        value = read(cursor, depth + 1, value);
        cursor.leave(outer);
      }
    }
    return value;
  }

  private String same(@Nullable String before, WireCursor cursor) throws RpcException {
    String value = WireBytes.text(cursor.buffer, cursor.valueStart(), cursor.valueEnd());
    if (before != null && !before.equals(value)) {
      throw new RpcException(
          Code.INVALID_ARGUMENT,
          "the request has two different values of " + path + ", so that its owner is not clear");
    }
    return value;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
