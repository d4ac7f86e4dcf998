package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.e2e.Question.Names;
import io.grpc.Status;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a router lists of pod sandboxes, containers and images, all of it and under every filter.
 *
 * @param answers the items of each list, in an order of ours: runtimes have none
 */
record Lists(Map<Question, List<Message>> answers) {
  /** All three lists, as a kubelet asks for them. */
  static final List<Question> UNFILTERED =
      List.of(
          new Question("ListPodSandbox", ""),
          new Question("ListContainers", ""),
          new Question("ListImages", ""));

  /** Asks for everything; filters are about {@code pod}. */
  static Lists seenThrough(CriClient router, KubeletPod pod) {
    return seenThrough(
        router, pod, Stream.concat(UNFILTERED.stream(), filtered(pod).stream()).toList());
  }

  /** Asks for these lists. */
  static Lists seenThrough(CriClient router, KubeletPod pod, List<Question> questions) {
    Map<Question, List<Message>> answers = new LinkedHashMap<>();
    for (Question question : questions) {
      Outcome outcome = question.ask(router, Names.inFront(pod));
      assertThat(outcome.code()).as("%s: %s", question, outcome).isEqualTo(Status.Code.OK);
      answers.put(question, items(outcome.answer().orElseThrow()));
    }
    return new Lists(answers);
  }

  /**
   * Lists with a filter for the pod, its labels, its containers, and the states. Those by number:
   * ready and not, running and exited. Not for images: containerd lists all whatever the filter.
   */
  private static List<Question> filtered(KubeletPod pod) {
    return List.of(
        new Question("ListPodSandbox", "filter { id: 'POD' }"),
        new Question("ListPodSandbox", "filter { state { state: 0 } }"),
        new Question("ListPodSandbox", "filter { state { state: 1 } }"),
        new Question("ListPodSandbox", "filter { " + selector(PodSpecs.APP, pod.app()) + " }"),
        new Question("ListPodSandbox", "filter { id: 'NOTHING' }"),
        new Question("ListContainers", "filter { id: 'CONTAINER' }"),
        new Question("ListContainers", "filter { pod_sandbox_id: 'POD' }"),
        new Question("ListContainers", "filter { state { state: 1 } }"),
        new Question("ListContainers", "filter { state { state: 2 } }"),
        new Question(
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

  /** The answer to one of the questions. */
  List<Message> answer(Question question) {
    return answers.getOrDefault(question, List.of());
  }
}
