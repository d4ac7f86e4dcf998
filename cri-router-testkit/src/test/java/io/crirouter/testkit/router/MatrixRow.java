package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import java.util.function.Function;

/**
 * A row of the table of outcomes: a kind of call while a runtime is faulty.
 *
 * @param label the label of the row: the rpc, and its subject if there are several rows
 * @param rpc the rpc to call
 * @param faultyRpc the faulty rpc of the runtime, usually the same
 * @param request the request on a given node
 * @param reading makes the call and classifies its outcome
 */
record MatrixRow(
    String label,
    String rpc,
    String faultyRpc,
    Function<FaultyNode, ByteString> request,
    Reading reading) {

  /** Makes the call of a case and classifies its outcome in the words of the table. */
  @FunctionalInterface
  interface Reading {
    String outcome(MatrixCase of) throws Exception;
  }

  @Override
  public String toString() {
    return label;
  }
}
