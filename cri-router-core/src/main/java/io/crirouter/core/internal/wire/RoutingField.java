package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.schema.FieldPath;
import io.crirouter.proto.routing.Reference;
import java.util.Arrays;

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
    WireCursor cursor = new WireCursor(WireBytes.of(request));
    Found found = new Found();
    read(cursor, 0, found);
    return found.start < 0 ? "" : WireBytes.text(cursor.buffer, found.start, found.end);
  }

  private void read(WireCursor cursor, int depth, Found found)
      throws MalformedMessageException, RpcException {
    while (cursor.next()) {
      if (cursor.field() != numbers[depth] || cursor.type() != WireCursor.LEN) {
        continue;
      }
      if (depth == numbers.length - 1) {
        note(cursor, found);
      } else {
        int outer = cursor.enter();
        read(cursor, depth + 1, found);
        cursor.leave(outer);
      }
    }
  }

  private void note(WireCursor cursor, Found found) throws RpcException {
    int start = cursor.valueStart();
    int end = cursor.valueEnd();
    boolean differs =
        found.start >= 0
            && !Arrays.equals(cursor.buffer, found.start, found.end, cursor.buffer, start, end);
    if (differs) {
      throw new RpcException(
          Code.INVALID_ARGUMENT,
          "the request has two different values of " + path + ", so that its owner is not clear");
    }
    found.start = start;
    found.end = end;
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private static final class Found {
    private int start = -1;
    private int end;
  }
}
