package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;

/**
 * Applies a {@link RewritePlan} to one message: one pass collects the edits, then one copy goes
 * into an array of exactly the right size. A message without edits is returned as the same object.
 *
 * <p>Every occurrence of a field is handled, because protobuf uses the last one or merges them.
 */
public final class Rewriter implements ReferenceTranslator.Replacement {
  private final WireCursor cursor;
  private final ReferenceTranslator translator;
  private final EditList edits = new EditList();

  /** The growth by the current reference. */
  private int replaced;

  private Rewriter(WireCursor cursor, ReferenceTranslator translator) {
    this.cursor = cursor;
    this.translator = translator;
  }

  /**
   * Rewrites {@code message}.
   *
   * @throws MalformedMessageException if it is not a protobuf message as far as the plan reads it
   * @throws RpcException if the translator or the plan refuses it
   */
  public static ByteString rewrite(
      ByteString message, RewritePlan plan, ReferenceTranslator translator)
      throws MalformedMessageException, RpcException {
    WireBytes bytes = WireBytes.of(message);
    Rewriter rewriter = new Rewriter(new WireCursor(bytes), translator);
    rewriter.scan(plan);
    return rewriter.edits.isEmpty() ? message : rewriter.edits.applyTo(bytes);
  }

  /** Applies a plan that has no references to translate. */
  public static ByteString rewrite(ByteString message, RewritePlan plan)
      throws MalformedMessageException, RpcException {
    return rewrite(message, plan, (kind, buffer, start, end, replacement) -> {});
  }

  /** Collects the edits up to the end of the current message; returns its growth. */
  private int scan(RewritePlan plan) throws MalformedMessageException, RpcException {
    int growth = 0;
    while (cursor.next()) {
      RewritePlan.Action action = plan.action(cursor.field());
      if (action != null) {
        growth += apply(action, plan);
      }
    }
    return growth;
  }

  private int apply(RewritePlan.Action action, RewritePlan plan)
      throws MalformedMessageException, RpcException {
    if (action instanceof RewritePlan.Action.Drop) {
      return edits.remove(cursor.tagStart(), cursor.valueEnd());
    }
    if (action instanceof RewritePlan.Action.Refuse refuse) {
      refuseUnlessDefault(refuse, plan);
      return 0;
    }
    if (cursor.type() != WireCursor.LEN) {
      return 0;
    }
    return action instanceof RewritePlan.Action.Descend descend
        ? descend(descend.plan())
        : translate(((RewritePlan.Action.Translate) action));
  }

  private int descend(RewritePlan plan) throws MalformedMessageException, RpcException {
    int lengthStart = cursor.payloadStart();
    int valueStart = cursor.valueStart();
    int length = cursor.valueEnd() - valueStart;
    int slot = edits.reserve();
    int outer = cursor.enter();
    int growth = scan(plan);
    cursor.leave(outer);
    return edits.fillLength(slot, lengthStart, valueStart, length, growth);
  }

  private int translate(RewritePlan.Action.Translate action) throws RpcException {
    replaced = 0;
    translator.translate(
        action.kind(), cursor.buffer, cursor.valueStart(), cursor.valueEnd(), this);
    return replaced;
  }

  /** Replaces the start of the current reference; called by the translator. */
  @Override
  public void replaceStart(int count, byte[] start) {
    replaced =
        edits.replaceStart(
            cursor.payloadStart(), cursor.valueStart(), cursor.valueEnd(), count, start);
  }

  private void refuseUnlessDefault(RewritePlan.Action.Refuse refuse, RewritePlan plan)
      throws MalformedMessageException, RpcException {
    boolean isDefault =
        switch (cursor.type()) {
          case WireCursor.VARINT -> cursor.varint() == 0;
          case WireCursor.LEN ->
              refuse.emptyIsDefault() && cursor.valueEnd() == cursor.valueStart();
          default -> false;
        };
    if (!isDefault) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          plan.messageName()
              + "."
              + refuse.fieldName()
              + " does not exist in CRI v1alpha2, the only version that this runtime speaks");
    }
  }
}
