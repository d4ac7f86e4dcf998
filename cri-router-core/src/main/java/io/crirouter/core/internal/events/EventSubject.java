package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.inventory.Limits;

/**
 * The container or sandbox that an event is about, with the runtime's ids.
 *
 * @param ofSandbox whether it is a sandbox
 * @param id its id
 * @param sandbox the sandbox it belongs to, or is; empty if unknown
 * @param identity of a sandbox, see {@link SandboxIdentity}; else empty
 */
record EventSubject(boolean ofSandbox, String id, String sandbox, ByteString identity) {
  /** Whether its state can be kept: it has an id, and no id is too long. */
  boolean canBeKept() {
    return Limits.isId(id) && (sandbox.isEmpty() || Limits.isId(sandbox));
  }

  /** The length of its parts. */
  long bytes() {
    return (long) id.length() + sandbox.length() + identity.size();
  }
}
