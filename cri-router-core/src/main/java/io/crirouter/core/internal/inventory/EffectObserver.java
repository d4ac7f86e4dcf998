package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.MalformedMessageException;

/**
 * Updates the inventory by a call that has succeeded.
 *
 * @param inventory the inventory
 * @param method the rpc
 * @param request the request
 * @param asked the sequence number of the request
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
