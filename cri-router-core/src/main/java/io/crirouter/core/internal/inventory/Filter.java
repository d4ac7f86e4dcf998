package io.crirouter.core.internal.inventory;

import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerStateValue;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFilter;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The filters of list requests, as runtimes apply them. */
@FunctionalInterface
interface Filter {
  /** Of the filter in every list request. */
  int FIELD = ListContainersRequest.FILTER_FIELD_NUMBER;

  /** Whether {@code item} passes the filter of a list request. */
  boolean matches(WireMessage filter, WireMessage item) throws MalformedMessageException;

  /** The filter of ListPodSandbox. */
  static boolean sandbox(WireMessage filter, WireMessage item) throws MalformedMessageException {
    return startsWith(item, PodSandbox.ID_FIELD_NUMBER, filter, PodSandboxFilter.ID_FIELD_NUMBER)
        && hasState(
            item, PodSandbox.STATE_FIELD_NUMBER, filter, PodSandboxFilter.STATE_FIELD_NUMBER)
        && hasLabels(
            item,
            PodSandbox.LABELS_FIELD_NUMBER,
            filter,
            PodSandboxFilter.LABEL_SELECTOR_FIELD_NUMBER);
  }

  /** The filter of ListContainers. */
  static boolean container(WireMessage filter, WireMessage item) throws MalformedMessageException {
    return startsWith(item, Container.ID_FIELD_NUMBER, filter, ContainerFilter.ID_FIELD_NUMBER)
        && startsWith(
            item,
            Container.POD_SANDBOX_ID_FIELD_NUMBER,
            filter,
            ContainerFilter.POD_SANDBOX_ID_FIELD_NUMBER)
        && hasState(item, Container.STATE_FIELD_NUMBER, filter, ContainerFilter.STATE_FIELD_NUMBER)
        && hasLabels(
            item,
            Container.LABELS_FIELD_NUMBER,
            filter,
            ContainerFilter.LABEL_SELECTOR_FIELD_NUMBER);
  }

  /** The filter of ListImages. */
  static boolean image(WireMessage filter, WireMessage item) throws MalformedMessageException {
    String wanted =
        filter.message(ImageFilter.IMAGE_FIELD_NUMBER).string(ImageSpec.IMAGE_FIELD_NUMBER);
    return wanted.isEmpty() || isCalled(item, wanted);
  }

  /** Whether an image has this id, the start of this id, or this name with or without defaults. */
  static boolean isCalled(WireMessage image, String wanted) {
    if (wanted.isEmpty()) {
      return false;
    }
    String id = image.string(Image.ID_FIELD_NUMBER);
    List<String> names = new ArrayList<>(image.strings(Image.REPO_TAGS_FIELD_NUMBER));
    names.addAll(image.strings(Image.REPO_DIGESTS_FIELD_NUMBER));
    return id.startsWith(wanted)
        || id.startsWith("sha256:" + wanted)
        || names.contains(wanted)
        || names.contains(wanted + ":latest")
        || names.contains("docker.io/" + wanted)
        || names.contains("docker.io/" + wanted + ":latest")
        || names.contains("docker.io/library/" + wanted)
        || names.contains("docker.io/library/" + wanted + ":latest");
  }

  private static boolean startsWith(
      WireMessage item, int itemField, WireMessage filter, int filterField) {
    return item.string(itemField).startsWith(filter.string(filterField));
  }

  private static boolean hasState(
      WireMessage item, int itemField, WireMessage filter, int filterField)
      throws MalformedMessageException {
    return !filter.has(filterField)
        || item.number(itemField)
            == filter.message(filterField).number(ContainerStateValue.STATE_FIELD_NUMBER);
  }

  private static boolean hasLabels(
      WireMessage item, int itemField, WireMessage filter, int filterField)
      throws MalformedMessageException {
    Map<String, String> wanted = filter.stringMap(filterField);
    return wanted.isEmpty() || item.stringMap(itemField).entrySet().containsAll(wanted.entrySet());
  }
}
