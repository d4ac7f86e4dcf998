package io.crirouter.core.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacedDeliveryTest {
  private final List<String> delivered = new ArrayList<>();
  private final ResponseListener listener =
      new ResponseListener() {
        @Override
        public void onMessage(ByteString message) {
          delivered.add(message.toStringUtf8());
        }

        @Override
        public void onClose(RpcStatus status) {
          delivered.add(status.toString());
        }
      };

  private RuntimeCall answered(String... messages) {
    List<ByteString> bytes = new ArrayList<>();
    for (String message : messages) {
      bytes.add(ByteString.copyFromUtf8(message));
    }
    return PacedDelivery.of(bytes, listener);
  }

  @Test
  void messagesWaitUntilTheyAreRequested() {
    RuntimeCall call = answered("one", "three");
    assertThat(delivered).isEmpty();
    assertThat(call.heldBytes()).isEqualTo(8);

    call.request(1);
    assertThat(delivered).containsExactly("one");
    assertThat(call.heldBytes()).isEqualTo(5);

    call.request(1);
    assertThat(delivered).containsExactly("one", "three", "OK");
    assertThat(call.heldBytes()).isZero();
  }

  @Test
  void anEndWithoutMessagesIsNotAwaited() {
    RuntimeCall unused = answered();

    assertThat(delivered).containsExactly("OK");
  }

  @Test
  void aCallThatIsCancelledIsClosedOnce() {
    RuntimeCall call = answered("one", "two");
    call.request(1);

    call.cancel("nobody reads");
    call.request(1);
    call.cancel("again");

    assertThat(delivered).containsExactly("one", "CANCELLED: nobody reads");
    assertThat(call.heldBytes()).isZero();
  }

  @Test
  void aCancellationAfterTheEndDoesNothing() {
    RuntimeCall call = answered("one");
    call.request(1);

    call.cancel("too late");

    assertThat(delivered).containsExactly("one", "OK");
  }
}
