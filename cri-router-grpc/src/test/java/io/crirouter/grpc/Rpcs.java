package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Rpcs and backends for many tests. */
final class Rpcs {
  static final CriMethod VERSION = CriMethod.of("Version");
  static final CriMethod STATUS = CriMethod.of("Status");
  static final CriMethod LIST = CriMethod.of("ListContainers");
  static final CriMethod STREAM = CriMethod.of("StreamContainers");
  static final CriMethod EVENTS = CriMethod.of("GetContainerEvents");

  private Rpcs() {}

  /** Random bytes, the same for each size. */
  static ByteString randomBytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  /** Answers every call with {@code function} of its request. */
  static RuntimeBackend answering(UnaryOperator<ByteString> function) {
    return (request, listener) -> {
      listener.onMessage(function.apply(request.message()));
      listener.onClose(RpcStatus.OK);
      return RuntimeCall.ENDED;
    };
  }

  /** Answers every call with its request. */
  static RuntimeBackend echo() {
    return answering(request -> request);
  }

  /** Ends every call with {@code status}. */
  static RuntimeBackend ending(RpcStatus status) {
    return new RuntimeBackend() {
      @Override
      public RuntimeCall start(CriRequest request, ResponseListener listener) {
        listener.onClose(status);
        return RuntimeCall.ENDED;
      }
    };
  }
}
