package io.crirouter.core.lastknown;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.Scheduler;
import io.crirouter.core.schema.MethodSchema;
import io.crirouter.core.schema.Schema;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.core.wire.WireWriter;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The pod sandboxes, containers and images that one runtime had when it was last heard of, learned
 * from the calls that pass through. Everything in the runtime's own language. Thread-safe.
 */
public final class LastKnown {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** The lists that are kept; their places are field numbers of what is remembered. */
  public static final List<String> LISTS =
      List.of("ListPodSandbox", "ListContainers", "ListImages");

  /** In all three list requests. */
  private static final int FILTER = ListContainersRequest.FILTER_FIELD_NUMBER;

  private final KnownList sandboxes;
  private final KnownList containers;
  private final KnownList images;
  private final Map<String, Kind> kinds;
  private final AtomicLong numbers = new AtomicLong();
  private final Scheduler scheduler;

  private record Kind(KnownList list, Filter filter) {}

  /**
   * @param scheduler tells the time at which lists are asked for and things come into being
   * @param onChange told after each change of what is known
   */
  public LastKnown(Scheduler scheduler, Runnable onChange) {
    this.scheduler = scheduler;
    sandboxes =
        new KnownList(
            ListPodSandboxResponse.ITEMS_FIELD_NUMBER, PodSandbox.ID_FIELD_NUMBER, onChange);
    containers =
        new KnownList(
            ListContainersResponse.CONTAINERS_FIELD_NUMBER, Container.ID_FIELD_NUMBER, onChange);
    images = new KnownList(ListImagesResponse.IMAGES_FIELD_NUMBER, Image.ID_FIELD_NUMBER, onChange);
    kinds =
        Map.of(
            "ListPodSandbox", new Kind(sandboxes, Filter::sandbox),
            "ListContainers", new Kind(containers, Filter::container),
            "ListImages", new Kind(images, Filter::image));
  }

  /** What is known, for keeping it over a restart; empty if nothing is. */
  public ByteString remember() throws MalformedMessageException {
    WireWriter state = new WireWriter();
    for (int i = 0; i < LISTS.size(); i++) {
      KnownList list = requireNonNull(kinds.get(LISTS.get(i))).list;
      if (list.isKnown()) {
        state.message(i + 1, list.toResponse());
      }
    }
    return state.toByteString();
  }

  /** Begins with what was known before a restart. */
  public void restore(ByteString remembered) throws MalformedMessageException {
    WireMessage state = WireMessage.parse(remembered);
    for (int i = 0; i < LISTS.size(); i++) {
      if (state.has(i + 1)) {
        requireNonNull(kinds.get(LISTS.get(i))).list.restore(state.value(i + 1));
      }
    }
  }

  /** Learns from a call that is about to be sent. */
  public CallObserver observe(CriMethod method, ByteString request) {
    Kind kind = kind(method);
    if (kind != null) {
      return isUnfiltered(request) ? new ListObserver(kind.list) : CallObserver.NOTHING;
    }
    ChangeReader reader = ChangeReader.of(method.name());
    return reader == null ? CallObserver.NOTHING : new ChangeObserver(reader, request);
  }

  /**
   * What the runtime would answer to a list if it still were as it was.
   *
   * @param method a list of pod sandboxes, containers or images, streamed or not
   * @return null if the runtime has never said what it has, or {@code method} is no such list
   */
  public @Nullable ByteString answer(CriMethod method, ByteString request)
      throws MalformedMessageException {
    Kind kind = kind(method);
    if (kind == null || !kind.list.isKnown()) {
      return null;
    }
    WireMessage filter = WireMessage.parse(request).message(FILTER);
    List<WireMessage> matching = new ArrayList<>();
    for (WireMessage item : kind.list.current()) {
      if (kind.filter.matches(filter, item)) {
        matching.add(item);
      }
    }
    return kind.list.toResponse(matching);
  }

  /** Whether the runtime has ever said which images it has. */
  public boolean knowsImages() {
    return images.isKnown();
  }

  /** Whether the runtime was known to have this image, by id, start of id or name. */
  public boolean hasImage(String image) throws MalformedMessageException {
    return images.current().stream().anyMatch(item -> Filter.isCalled(item, image));
  }

  /** Whether the runtime has ever said which pod sandboxes it has. */
  public boolean knowsSandboxes() {
    return sandboxes.isKnown();
  }

  /** The pod sandboxes that the runtime was known to have. */
  public Iterable<WireMessage> sandboxes() throws MalformedMessageException {
    return sandboxes.current();
  }

  /**
   * Whether the runtime, asked for all its pod sandboxes at this time or later, has none of this
   * pod.
   *
   * @param nanos by {@link Scheduler#nanoTime}
   */
  public boolean hasNoSandboxOf(String podUid, long nanos) throws MalformedMessageException {
    if (!sandboxes.wasAskedSince(nanos)) {
      return false;
    }
    for (WireMessage sandbox : sandboxes.current()) {
      WireMessage metadata = sandbox.message(PodSandbox.METADATA_FIELD_NUMBER);
      if (metadata.string(PodSandboxMetadata.UID_FIELD_NUMBER).equals(podUid)) {
        return false;
      }
    }
    return true;
  }

  private @Nullable Kind kind(CriMethod method) {
    MethodSchema schema = Schema.cri().method(method.name());
    String list = schema == null || schema.listRpc().isEmpty() ? method.name() : schema.listRpc();
    return kinds.get(list);
  }

  /** Whether a list request asks for everything. */
  public static boolean isUnfiltered(ByteString request) {
    try {
      return request.isEmpty() || WireMessage.parse(request).value(FILTER).isEmpty();
    } catch (MalformedMessageException e) {
      return false;
    }
  }

  private static void forget(String what, MalformedMessageException e) {
    LOG.log(System.Logger.Level.WARNING, "cannot learn from a malformed {0}: {1}", what, e);
  }

  /** Keeps the answer to an unfiltered list. */
  private final class ListObserver implements CallObserver {
    private final KnownList list;
    private final long asked = numbers.incrementAndGet();
    private final long askedNanos = scheduler.nanoTime();
    private ByteString answer = ByteString.EMPTY;

    ListObserver(KnownList list) {
      this.list = list;
    }

    @Override
    public void onMessage(ByteString message) {
      answer = answer.concat(message);
    }

    @Override
    public void onClose(RpcStatus status) {
      if (status.isOk()) {
        list.answered(asked, askedNanos, answer);
      }
    }
  }

  /** Applies what a call changed once it has succeeded. */
  private final class ChangeObserver implements CallObserver {
    private final ChangeReader reader;
    private final ByteString request;

    ChangeObserver(ChangeReader reader, ByteString request) {
      this.reader = reader;
      this.request = request;
    }

    @Override
    public void onMessage(ByteString response) {
      try {
        reader.read(
            WireMessage.parse(request), WireMessage.parse(response), scheduler.now(), this::apply);
      } catch (MalformedMessageException e) {
        forget("call", e);
      }
    }

    private void apply(ChangeReader.Of kind, Change change) throws MalformedMessageException {
      KnownList list = kind == ChangeReader.Of.SANDBOXES ? sandboxes : containers;
      list.changed(numbers.incrementAndGet(), change);
    }
  }
}
