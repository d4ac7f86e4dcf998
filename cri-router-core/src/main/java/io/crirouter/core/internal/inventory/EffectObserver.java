package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.MalformedMessageException;

/**
 * Notes what a call changed or showed once it has succeeded.
 *
 * @param inventory where it is noted
 * @param method the rpc
 * @param request the request
 * @param asked the number of the question
 */
record EffectObserver(Inventory inventory, MethodSchema method, ByteString request, long asked)
    implements CallObserver {
  @Override
  public ByteString onMessage(ByteString message) {
    try {
      inventory.note(method, request, message, asked);
    } catch (MalformedMessageException e) {
      inventory.faults.malformed(method.name(), e);
    }
    inventory.publish();
    return message;
  }
}
