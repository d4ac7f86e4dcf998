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
import io.crirouter.testkit.Seen.Ended;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
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
 * What is asked of a runtime to see how it answers: the same of real ones and of fakes. It needs
 * one image, makes two pods and leaves them.
 */
final class RecordedScenario {
  private static final int LIMIT_SECONDS = 20;

  /** How long a stream may take to be refused; one that is endless takes as long. */
  private static final int STREAM_SECONDS = 4;

  private static final String UNKNOWN = "f".repeat(64);

  /** Calls that mostly fail; in each line the rpc, the situation, the request. */
  private static final String SITUATIONS = "situations.txt";

  /** Calls that mostly succeed, for the fields of their answers. */
  private static final String LOOKS = "looks.txt";

  /**
   * What it needs.
   *
   * @param image the name of one that can be pulled and has {@code sh}
   * @param pod the config of a pod, without metadata
   */
  record Setting(CriClient client, String image, PodSandboxConfig pod) {}

  private final CriClient client;
  private final Setting setting;
  private final Map<String, String> names = new LinkedHashMap<>();
  private final List<Ended> situations = new ArrayList<>();
  private final Map<String, Set<String>> fields = new TreeMap<>();

  private RecordedScenario(Setting setting) {
    this.setting = setting;
    client = setting.client();
  }

  /** The fake with which real ones are compared. */
  static FakeRuntime plainFake() {
    return FakeRuntime.named("containerd").runtimeHandler(RealRuntime.HANDLER).build();
  }

  static Seen play(Setting setting) {
    RecordedScenario scenario = new RecordedScenario(setting);
    Map<String, String> answers = scenario.answers();
    Set<String> info = scenario.statusInfo();
    Map<String, Ended> lacking = scenario.lacking();
    scenario.runPods();
    calls(SITUATIONS).forEach(scenario::provoke);
    calls(LOOKS).forEach(scenario::look);
    return new Seen(answers, info, lacking, scenario.situations, scenario.fields);
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

  /** An empty request is refused by rpcs that need an id, and harmless for others. */
  private Map<String, Ended> lacking() {
    Map<String, Ended> lacking = new TreeMap<>();
    for (CriMethod method : CriMethod.all()) {
      Ended end = tryOut(method);
      if (end.code() == Status.Code.UNIMPLEMENTED) {
        lacking.put(method.name(), end);
      }
    }
    return lacking;
  }

  private Ended tryOut(CriMethod method) {
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
      return new Ended(method.name(), "", Status.Code.OK, "");
    } catch (StatusRuntimeException e) {
      return ended(method.name(), "", e.getStatus());
    }
  }

  private static Ended ended(String rpc, String situation, Status status) {
    String text = status.getDescription() == null ? "" : status.getDescription();
    return new Ended(rpc, situation, status.getCode(), text);
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

  private void provoke(String line) {
    String[] columns = line.split("\\|", -1);
    Optional<Message> unused = provoke(columns[0].strip(), columns[1].strip(), columns[2]);
  }

  private Optional<Message> provoke(String rpc, String situation, String request) {
    try {
      Message answer = call(rpc, request);
      situations.add(new Ended(rpc, situation, Status.Code.OK, ""));
      return Optional.of(answer);
    } catch (StatusRuntimeException e) {
      Ended end = ended(rpc, situation, e.getStatus());
      situations.add(new Ended(rpc, situation, end.code(), general(end.text(), request)));
      return Optional.empty();
    }
  }

  /** The text with names in place of what is this one call's. */
  private String general(String text, String request) {
    String general = text;
    for (Map.Entry<String, String> name : names.entrySet()) {
      if (name.getValue().matches("[0-9a-f]{64}")) {
        boolean isAsked = request.contains("'" + name.getKey() + "'");
        general = general.replace(name.getValue(), isAsked ? "{id}" : "{other}");
      }
    }
    return general
        .replaceAll("[0-9a-f]{64}", "{new}")
        .replaceAll("CONTAINER_(CREATED|RUNNING|EXITED)", "{state}")
        .replaceAll("(used_)?used_recorded_used-uid_0", "{name}")
        .replace("\"nothing\"", "\"{handler}\"")
        .replace("registry.test/nothing:1", "{image}")
        .replace("NOT A NAME", "{image}");
  }

  /** One that fails, for a reason that is the runtime's alone, is a situation like others. */
  private void look(String line) {
    String[] columns = line.split("\\|", -1);
    String rpc = columns[0].strip();
    int before = situations.size();
    provoke(rpc, "beside a stopped pod", columns[2])
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
    // The longest first: some names begin with others.
    List<String> longestFirst = new ArrayList<>(names.keySet());
    longestFirst.sort((one, other) -> other.length() - one.length());
    for (String name : longestFirst) {
      named = named.replaceAll("\\b" + name + "\\b", Matcher.quoteReplacement(names.get(name)));
    }
    Message.Builder builder = type.getMessagePrototype().newBuilderForType();
    try {
      TextFormat.merge(named, builder);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(named + " is no request of " + rpc, e);
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
