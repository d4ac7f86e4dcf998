package io.crirouter.core.owners;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import java.util.ArrayList;
import java.util.List;

/** Answers to lists that nobody has needed to read yet, oldest first. Not thread-safe. */
final class UnreadLists {
  private List<Answer> answers = new ArrayList<>();

  /**
   * One of them.
   *
   * @param backend whose
   * @param lists what is in it
   * @param asked the number of the question
   * @param complete whether it is all that the backend has
   * @param message the answer, or a part of it
   */
  record Answer(
      BackendName backend, Telling.Lists lists, long asked, boolean complete, ByteString message) {
    /** Whether {@code other} tells nothing more than this: a complete list has it all. */
    boolean supersedes(Answer other) {
      return complete
          && other.asked <= asked
          && other.backend.equals(backend)
          && other.lists.kind() == lists.kind();
    }
  }

  void add(Answer answer) {
    answers.removeIf(answer::supersedes);
    answers.add(answer);
  }

  int size() {
    return answers.size();
  }

  List<Answer> takeAll() {
    List<Answer> taken = answers;
    answers = new ArrayList<>();
    return taken;
  }
}
