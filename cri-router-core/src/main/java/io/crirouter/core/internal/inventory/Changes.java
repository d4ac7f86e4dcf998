package io.crirouter.core.internal.inventory;

import java.util.ArrayList;
import java.util.List;

/** What has changed in an inventory and was not reported yet. Not thread-safe. */
final class Changes {
  private List<NewId> newIds = new ArrayList<>();
  private boolean any;

  /** An id of a pod sandbox or container that was not known before. */
  record NewId(Kind kind, String id) {}

  void note() {
    any = true;
  }

  /** An object is new. Ids of images are no runtime's own: several have the same image. */
  void noteNew(Kind kind, String id) {
    note();
    if (kind != Kind.IMAGE) {
      newIds.add(new NewId(kind, id));
    }
  }

  /** Whether anything has changed since the last call of this method. */
  boolean take() {
    boolean was = any;
    any = false;
    return was;
  }

  /** The ids that are new since the last call of this method. */
  List<NewId> takeNewIds() {
    if (newIds.isEmpty()) {
      return List.of();
    }
    List<NewId> taken = newIds;
    newIds = new ArrayList<>();
    return taken;
  }
}
