package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import java.util.function.Function;

/**
 * One kind of call, of which the table of outcomes says how it ends while something is wrong with a
 * runtime.
 *
 * @param label what the table calls it: the rpc, and what it is about where that matters
 * @param rpc what is called
 * @param faultyRpc the rpc of the runtime that something is wrong with, mostly the same
 * @param request the request on a given node
 * @param reading makes the call and says in a few words how it ends
 */
record MatrixRow(
    String label,
    String rpc,
    String faultyRpc,
    Function<FaultyNode, ByteString> request,
    Reading reading) {

  /** Makes the call of a case and says in the words of the table how it ends. */
  @FunctionalInterface
  interface Reading {
    String outcome(MatrixCase of) throws Exception;
  }

  @Override
  public String toString() {
    return label;
  }
}
