package io.crirouter.core.owners;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.lastknown.CallObserver;
import java.util.function.Consumer;

/**
 * Notes what one list says: each message as it comes, and at the end all of it if it is complete.
 */
final class ListObserver implements CallObserver {
  private final BackendName backend;
  private final Telling.Lists lists;
  private final boolean unfiltered;
  private final long asked;
  private final Consumer<UnreadLists.Answer> notes;
  private ByteString whole = ByteString.EMPTY;

  /**
   * @param unfiltered whether the list, once it has ended well, is all that the backend has
   * @param asked the number of the question
   */
  ListObserver(
      BackendName backend,
      Telling.Lists lists,
      boolean unfiltered,
      long asked,
      Consumer<UnreadLists.Answer> notes) {
    this.backend = backend;
    this.lists = lists;
    this.unfiltered = unfiltered;
    this.asked = asked;
    this.notes = notes;
  }

  /** Before the client has the message: it may name what is in it at once. */
  @Override
  public void onMessage(ByteString message) {
    notes.accept(new UnreadLists.Answer(backend, lists, asked, false, message));
    if (unfiltered) {
      whole = whole.concat(message);
    }
  }

  @Override
  public void onClose(RpcStatus status) {
    if (unfiltered && status.isOk()) {
      notes.accept(new UnreadLists.Answer(backend, lists, asked, true, whole));
    }
  }
}
