package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.e2e.CriCall.Names;
import io.grpc.Status;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The pod sandboxes, containers and images that a router lists, without and with filters.
 *
 * @param answers the items of each list, sorted, because runtimes return them in any order
 */
record ListSnapshot(Map<CriCall, List<Message>> answers) {
  /** The three unfiltered lists of a kubelet. */
  static final List<CriCall> UNFILTERED =
      List.of(
          new CriCall("ListPodSandbox", ""),
          new CriCall("ListContainers", ""),
          new CriCall("ListImages", ""));

  /** Calls all lists; the filters are about {@code pod}. */
  static ListSnapshot query(CriClient router, KubeletPod pod) {
    return query(router, pod, Stream.concat(UNFILTERED.stream(), filtered(pod).stream()).toList());
  }

  /** Calls these lists. */
  static ListSnapshot query(CriClient router, KubeletPod pod, List<CriCall> calls) {
    Map<CriCall, List<Message>> answers = new LinkedHashMap<>();
    for (CriCall call : calls) {
      Outcome outcome = call.execute(router, Names.forClients(pod));
      assertThat(outcome.code()).as("%s: %s", call, outcome).isEqualTo(Status.Code.OK);
      answers.put(call, items(outcome.answer().orElseThrow()));
    }
    return new ListSnapshot(answers);
  }

  /**
   * Lists with filters by pod, label, container and state. States are numbers: ready and not ready,
   * running and exited. Images are left out, because containerd ignores their filter.
   */
  private static List<CriCall> filtered(KubeletPod pod) {
    return List.of(
        new CriCall("ListPodSandbox", "filter { id: 'POD' }"),
        new CriCall("ListPodSandbox", "filter { state { state: 0 } }"),
        new CriCall("ListPodSandbox", "filter { state { state: 1 } }"),
        new CriCall("ListPodSandbox", "filter { " + selector(PodSpecs.APP, pod.app()) + " }"),
        new CriCall("ListPodSandbox", "filter { id: 'NOTHING' }"),
        new CriCall("ListContainers", "filter { id: 'CONTAINER' }"),
        new CriCall("ListContainers", "filter { pod_sandbox_id: 'POD' }"),
        new CriCall("ListContainers", "filter { state { state: 1 } }"),
        new CriCall("ListContainers", "filter { state { state: 2 } }"),
        new CriCall(
            "ListContainers",
            "filter { " + selector("io.kubernetes.container.name", "main") + " }"));
  }

  private static String selector(String key, String value) {
    return "label_selector { key: '" + key + "' value: '" + value + "' }";
  }

  @SuppressWarnings("unchecked")
  private static List<Message> items(Message answer) {
    FieldDescriptor items = answer.getDescriptorForType().getFields().get(0);
    return ((List<Message>) answer.getField(items))
        .stream().sorted(Comparator.comparing(Message::toString)).toList();
  }

  /** The items of one list. */
  List<Message> answer(CriCall call) {
    return answers.getOrDefault(call, List.of());
  }
}
