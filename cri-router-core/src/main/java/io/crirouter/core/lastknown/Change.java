package io.crirouter.core.lastknown;

import com.google.protobuf.ByteString;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.core.wire.WireWriter;
import java.util.Iterator;
import java.util.Map;

/** Something that a call which passed through changed in a list. */
sealed interface Change {
  /** Applies the change to the items of the list, by id. */
  void applyTo(Map<String, WireMessage> items) throws MalformedMessageException;

  /** An item came into being. */
  record Put(String id, ByteString item) implements Change {
    @Override
    public void applyTo(Map<String, WireMessage> items) throws MalformedMessageException {
      items.put(id, WireMessage.parse(item));
    }
  }

  /** The items with a field that has this value (their id, or the sandbox they belong to) went. */
  record Remove(int field, String value) implements Change {
    @Override
    public void applyTo(Map<String, WireMessage> items) {
      items.values().removeIf(item -> item.string(field).equals(value));
    }
  }

  /** The items with a field that has this value changed their state. */
  record SetState(int field, String value, int stateField, long state) implements Change {
    @Override
    public void applyTo(Map<String, WireMessage> items) throws MalformedMessageException {
      Iterator<Map.Entry<String, WireMessage>> all = items.entrySet().iterator();
      while (all.hasNext()) {
        Map.Entry<String, WireMessage> entry = all.next();
        WireMessage item = entry.getValue();
        if (item.string(field).equals(value)) {
          entry.setValue(
              WireMessage.parse(
                  new WireWriter()
                      .raw(item.without(stateField))
                      .number(stateField, state)
                      .toByteString()));
        }
      }
    }
  }
}
