package io.crirouter.testkit;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.TextFormat;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.RuntimeConfigResponse;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.VersionResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The recorded responses of a real runtime, and how they differ from those of a fake. A recording
 * is a text of lines with columns separated by tabs:
 *
 * <ul>
 *   <li>{@code answer}, rpc, message: the response of an rpc about the runtime itself
 *   <li>{@code info}, rpc, keys: the keys of the verbose info
 *   <li>{@code lacks}, rpc, code, text: the runtime does not have the rpc
 *   <li>{@code error}, rpc, the fake's text, code, the runtime's text
 *   <li>{@code absent}, rpc, field: the fake sets it, the runtime does not
 *   <li>{@code refuses}, rpc, situation, code, text: where the fake would succeed
 *   <li>{@code accepts}, rpc, situation: where the fake would fail
 * </ul>
 *
 * <p>Immutable.
 */
final class RuntimeRecording {
  /** An empty recording, which changes nothing. */
  static final RuntimeRecording NONE = new RuntimeRecording("");

  private final VersionResponse version;
  private final StatusResponse status;
  private final RuntimeConfigResponse config;
  private final List<String> statusInfo;
  private final Map<String, RpcStatus> lacking = new HashMap<>();
  private final List<RecordedError> errors = new ArrayList<>();
  private final Map<String, RpcStatus> refusals = new HashMap<>();
  private final Set<String> acceptances = new HashSet<>();
  private final Map<String, List<String>> absent = new HashMap<>();

  private RuntimeRecording(String text) {
    Map<String, String> answers = new HashMap<>();
    Map<String, String> infoKeys = new HashMap<>();
    for (String line : text.lines().toList()) {
      String[] columns = line.split("\t", -1);
      String rpc = columns[1];
      switch (columns[0]) {
        case "answer" -> answers.put(rpc, columns[2]);
        case "info" -> infoKeys.put(rpc, columns[2]);
        case "lacks" -> lacking.put(rpc, status(columns[2], columns[3]));
        case "error" ->
            errors.add(new RecordedError(rpc, columns[2], code(columns[3]), columns[4]));
        case "absent" -> absent.computeIfAbsent(rpc, key -> new ArrayList<>()).add(columns[2]);
        case "refuses" -> refusals.put(situation(columns), status(columns[3], columns[4]));
        case "accepts" -> acceptances.add(situation(columns));
        default ->
            throw new IllegalArgumentException("unknown kind of line in the recording: " + line);
      }
    }
    version = parse(answers, "Version", VersionResponse.getDefaultInstance());
    status = parse(answers, "Status", StatusResponse.getDefaultInstance());
    config = parse(answers, "RuntimeConfig", RuntimeConfigResponse.getDefaultInstance());
    statusInfo = List.of(infoKeys.getOrDefault("Status", "config").split(","));
  }

  /** The recording called {@code name} among the resources. */
  static RuntimeRecording load(String name) {
    try (InputStream resource = RuntimeRecording.class.getResourceAsStream(name + ".recording")) {
      if (resource == null) {
        throw new IllegalStateException("the recording " + name + " is missing in this jar");
      }
      return new RuntimeRecording(new String(resource.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String situation(String[] columns) {
    return situation(columns[1], columns[2]);
  }

  private static String situation(String rpc, String inWords) {
    return rpc + ", " + inWords;
  }

  private static Code code(String name) {
    return Code.valueOf(name);
  }

  private static RpcStatus status(String code, String message) {
    return RpcStatus.of(code(code), message);
  }

  private static <T extends Message> T parse(
      Map<String, String> answers, String rpc, T defaultAnswer) {
    Message.Builder message = defaultAnswer.newBuilderForType();
    try {
      TextFormat.merge(answers.getOrDefault(rpc, ""), message);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException("the recorded answer of " + rpc + " is malformed", e);
    }
    @SuppressWarnings("unchecked") // A builder makes what it was made from.
    T parsed = (T) message.build();
    return parsed;
  }

  VersionResponse version() {
    return version;
  }

  StatusResponse status() {
    return status;
  }

  RuntimeConfigResponse config() {
    return config;
  }

  /** The keys of the verbose info of Status. */
  List<String> statusInfo() {
    return statusInfo;
  }

  /** Whether the runtime has no rpc {@code rpc}. */
  boolean lacks(String rpc) {
    return lacking.containsKey(rpc);
  }

  /**
   * Checks that the runtime has the rpc.
   *
   * @throws RpcException with the recorded status if it does not
   */
  void requirePresent(String rpc) throws RpcException {
    RpcStatus refusal = lacking.get(rpc);
    if (refusal != null) {
      throw refusal.asException();
    }
  }

  /**
   * Checks that the runtime does not requireNotRefused this situation.
   *
   * @param id the sandbox or container of the situation
   * @throws RpcException with the recorded status if it refuses
   */
  void requireNotRefused(String rpc, String situation, String id) throws RpcException {
    RpcStatus refusal = refusals.get(situation(rpc, situation));
    if (refusal != null) {
      String text = refusal.message().replace("{id}", id).replace("{other}", id);
      throw new RpcException(refusal.code(), text);
    }
  }

  /** Whether the runtime accepts this situation, which the fake refuses by default. */
  boolean accepts(String rpc, String situation) {
    return acceptances.contains(situation(rpc, situation));
  }

  /** The recorded error for an error of the fake; the same error if none was recorded. */
  RpcException error(String rpc, RpcException failure) {
    return errors.stream()
        .flatMap(error -> error.translate(rpc, failure.status()).stream())
        .findFirst()
        .map(RpcStatus::asException)
        .orElse(failure);
  }

  /** The response without the fields that the runtime does not set. */
  @SuppressWarnings("unchecked") // the builder of a message builds one of its type
  <A extends MessageLite> A shaped(String rpc, A answer) {
    List<String> fields = absent.get(rpc);
    if (fields == null || !(answer instanceof Message message)) {
      return answer;
    }
    Message.Builder shaped = message.toBuilder();
    fields.forEach(field -> FieldPaths.clear(shaped, List.of(field.split("\\."))));
    return (A) shaped.build();
  }
}
