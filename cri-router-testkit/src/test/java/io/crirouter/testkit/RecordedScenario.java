package io.crirouter.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.crirouter.core.CriMethod;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.ImageServiceGrpc;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PullImageResponse;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.testkit.ObservedRuntime.CallResult;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.stream.Stream;

/**
 * The calls whose results are recorded, of real runtimes and of fakes. Needs one image, creates two
 * pods and does not remove them.
 */
final class RecordedScenario {
  private static final int LIMIT_SECONDS = 20;

  /** The deadline of streams, which an endless stream reaches. */
  private static final int STREAM_SECONDS = 4;

  private static final String UNKNOWN = "f".repeat(64);

  /** Calls that mostly fail. Each line has the rpc, the situation and the request. */
  private static final String SITUATIONS = "situations.txt";

  /** Calls that mostly succeed, to record the fields of their responses. */
  private static final String FIELD_CALLS = "field-calls.txt";

  /**
   * The runtime and its pods.
   *
   * @param image the name of an image that can be pulled and has {@code sh}
   * @param pod the config of a pod, without metadata
   */
  record Setting(CriClient client, String image, PodSandboxConfig pod) {}

  private final CriClient client;
  private final Setting setting;
  private final Map<String, String> names = new LinkedHashMap<>();
  private final List<CallResult> situations = new ArrayList<>();
  private final Map<String, Set<String>> fields = new TreeMap<>();

  private RecordedScenario(Setting setting) {
    this.setting = setting;
    client = setting.client();
  }

  /** The fake that real runtimes are compared with. */
  static FakeRuntime plainFake() {
    return FakeRuntime.named("containerd").runtimeHandler(RealRuntime.HANDLER).build();
  }

  static ObservedRuntime play(Setting setting) {
    RecordedScenario scenario = new RecordedScenario(setting);
    Map<String, String> answers = scenario.answers();
    Set<String> info = scenario.statusInfo();
    Map<String, CallResult> lacking = scenario.lacking();
    scenario.runPods();
    calls(SITUATIONS).forEach(scenario::callInSituation);
    calls(FIELD_CALLS).forEach(scenario::recordFields);
    return new ObservedRuntime(answers, info, lacking, scenario.situations, scenario.fields);
  }

  private static List<String> calls(String file) {
    try (InputStream text = RecordedScenario.class.getResourceAsStream(file)) {
      return new String(text.readAllBytes(), UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> answers() {
    Map<String, String> answers = new TreeMap<>();
    for (String rpc : List.of("Version", "Status", "RuntimeConfig")) {
      try {
        answers.put(rpc, text(call(rpc, "")));
      } catch (StatusRuntimeException e) {
        answers.remove(rpc);
      }
    }
    return answers;
  }

  private static String text(Message message) {
    return TextFormat.printer().emittingSingleLine(true).printToString(message).strip();
  }

  private Set<String> statusInfo() {
    StatusResponse verbose =
        client.runtime().status(StatusRequest.newBuilder().setVerbose(true).build());
    return new TreeSet<>(verbose.getInfoMap().keySet());
  }

  /** Calls all rpcs with an empty request, which has no effect. */
  private Map<String, CallResult> lacking() {
    Map<String, CallResult> lacking = new TreeMap<>();
    for (CriMethod method : CriMethod.all()) {
      CallResult end = probe(method);
      if (end.code() == Status.Code.UNIMPLEMENTED) {
        lacking.put(method.name(), end);
      }
    }
    return lacking;
  }

  private CallResult probe(CriMethod method) {
    try {
      if (method.serverStreaming()) {
        CallOptions brief = CallOptions.DEFAULT.withDeadlineAfter(STREAM_SECONDS, TimeUnit.SECONDS);
        Iterator<Message> answers =
            ClientCalls.blockingServerStreamingCall(
                client.channel(), rpc(method.name()), brief, request(method.name(), ""));
        while (answers.hasNext()) {
          answers.next();
        }
      } else {
        call(method.name(), "");
      }
      return new CallResult(method.name(), "", Status.Code.OK, "");
    } catch (StatusRuntimeException e) {
      return ended(method.name(), "", e.getStatus());
    }
  }

  private static CallResult ended(String rpc, String situation, Status status) {
    String text = status.getDescription() == null ? "" : status.getDescription();
    return new CallResult(rpc, situation, status.getCode(), text);
  }

  private void runPods() {
    names.put("UNKNOWN", UNKNOWN);
    names.put("IMAGE", setting.image());
    PullImageResponse pulled = (PullImageResponse) call("PullImage", "image { image: 'IMAGE' }");
    names.put("PULLED", pulled.getImageRef());
    names.put("USED_POD_CONFIG", pod("used"));
    names.put("POD", run("USED_POD_CONFIG"));
    names.put("USED_CONTAINER_CONFIG", container("used"));
    names.put("RUNNING", create("POD", "USED_CONTAINER_CONFIG"));
    names.put("OTHER_CONTAINER_CONFIG", container("exited"));
    names.put("EXITED", create("POD", "OTHER_CONTAINER_CONFIG"));
    call("StartContainer", "container_id: 'RUNNING'");
    call("StartContainer", "container_id: 'EXITED'");
    call("StopContainer", "container_id: 'EXITED' timeout: 5");
    names.put("STOPPED_POD_CONFIG", pod("stopped"));
    names.put("STOPPED_POD", run("STOPPED_POD_CONFIG"));
    names.put("LEFT_OVER_CONFIG", container("left-over"));
    names.put("LEFT_OVER", create("STOPPED_POD", "LEFT_OVER_CONFIG"));
    call("StopPodSandbox", "pod_sandbox_id: 'STOPPED_POD'");
    names.put("POD_CONFIG", pod("new"));
    names.put("HANDLED_POD_CONFIG", pod("handled"));
    names.put("CONTAINER_CONFIG", container("new"));
  }

  private String pod(String name) {
    PodSandboxConfig.Builder config = setting.pod().toBuilder();
    config.getMetadataBuilder().setName(name).setUid(name + "-uid").setNamespace("recorded");
    return text(config.putLabels("app", name).putAnnotations("note", "about " + name).build());
  }

  private String container(String name) {
    ContainerConfig.Builder config =
        ContainerConfig.newBuilder()
            .setImage(ImageSpec.newBuilder().setImage(setting.image()))
            .addAllCommand(List.of("sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done"))
            .setLogPath(name + ".log")
            .putLabels("container", name)
            .putAnnotations("note", "about " + name);
    config.getMetadataBuilder().setName(name);
    return text(config.build());
  }

  private String run(String config) {
    return ((RunPodSandboxResponse) call("RunPodSandbox", "config { " + config + " }"))
        .getPodSandboxId();
  }

  private String create(String pod, String config) {
    String request =
        "pod_sandbox_id: '%s' config { %s } sandbox_config { %s_CONFIG }"
            .formatted(pod, config, pod.equals("POD") ? "USED_POD" : pod);
    return ((CreateContainerResponse) call("CreateContainer", request)).getContainerId();
  }

  private void callInSituation(String line) {
    String[] columns = line.split("\\|", -1);
    Optional<Message> unused = callInSituation(columns[0].strip(), columns[1].strip(), columns[2]);
  }

  private Optional<Message> callInSituation(String rpc, String situation, String request) {
    try {
      Message answer = call(rpc, request);
      situations.add(new CallResult(rpc, situation, Status.Code.OK, ""));
      return Optional.of(answer);
    } catch (StatusRuntimeException e) {
      CallResult end = ended(rpc, situation, e.getStatus());
      situations.add(new CallResult(rpc, situation, end.code(), generalized(end.text(), request)));
      return Optional.empty();
    }
  }

  /** The text with placeholders for the values of this call. */
  private String generalized(String text, String request) {
    String generalized = text;
    for (Map.Entry<String, String> name : names.entrySet()) {
      if (name.getValue().matches("[0-9a-f]{64}")) {
        boolean isAsked = request.contains("'" + name.getKey() + "'");
        generalized = generalized.replace(name.getValue(), isAsked ? "{id}" : "{other}");
      }
    }
    return generalized
        .replaceAll("[0-9a-f]{64}", "{new}")
        .replaceAll("CONTAINER_(CREATED|RUNNING|EXITED)", "{state}")
        .replaceAll("(used_)?used_recorded_used-uid_0", "{name}")
        .replace("\"nothing\"", "\"{handler}\"")
        .replace("registry.test/nothing:1", "{image}")
        .replace("NOT A NAME", "{image}");
  }

  /** Records the fields of a response. A call that fails is recorded as a situation. */
  private void recordFields(String line) {
    String[] columns = line.split("\\|", -1);
    String rpc = columns[0].strip();
    int before = situations.size();
    callInSituation(rpc, "beside a stopped pod", columns[2])
        .ifPresent(
            answer ->
                fields.computeIfAbsent(rpc, key -> new TreeSet<>()).addAll(FieldPaths.in(answer)));
    if (situations.get(before).code() != Status.Code.OK) {
      fields.remove(rpc);
    }
  }

  @CanIgnoreReturnValue
  private Message call(String rpc, String request) {
    return ClientCalls.blockingUnaryCall(
        client.channel(),
        rpc(rpc),
        CallOptions.DEFAULT.withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS),
        request(rpc, request));
  }

  private Message request(String rpc, String text) {
    MethodDescriptor.PrototypeMarshaller<Message> type =
        (MethodDescriptor.PrototypeMarshaller<Message>) rpc(rpc).getRequestMarshaller();
    String named = text;
    // The longest first, because some names are prefixes of others.
    List<String> longestFirst = new ArrayList<>(names.keySet());
    longestFirst.sort(Comparator.comparingInt(String::length).reversed());
    for (String name : longestFirst) {
      named = named.replaceAll("\\b" + name + "\\b", Matcher.quoteReplacement(names.get(name)));
    }
    Message.Builder builder = type.getMessagePrototype().newBuilderForType();
    try {
      TextFormat.merge(named, builder);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(named + " is not a request of " + rpc, e);
    }
    return builder.build();
  }

  @SuppressWarnings("unchecked")
  private static MethodDescriptor<Message, Message> rpc(String name) {
    return (MethodDescriptor<Message, Message>)
        Stream.of(
                RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())
            .flatMap(service -> service.getMethods().stream())
            .filter(method -> name.equals(method.getBareMethodName()))
            .findFirst()
            .orElseThrow();
  }
}
