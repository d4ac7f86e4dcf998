package io.crirouter.examples.criproxy.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The error messages of invalid configuration files. */
class BadConfigTest {
  /** Two lines; what follows begins with the third. */
  private static final String START =
      "listen: /l.sock\nbackends: [{name: containerd, endpoint: /c}, {name: kata, endpoint: /k}]\n";

  private static final String MISPLACED =
      "this belongs to no key above: put it below its key, with the same indentation as there";

  private static Arguments start(String more, String message) {
    return Arguments.of(START + more, message);
  }

  private static Arguments policy(String policy, String message) {
    return start("policies:\n- " + policy + "\n", message);
  }

  private static Arguments backend(String key, String message) {
    return Arguments.of("listen: /l\nbackends:\n- name: a\n  endpoint: /a\n  " + key, message);
  }

  static Stream<Arguments> files() {
    return Stream.of(
        Arguments.of("", "f:1:1: keys with values are expected: 'listen: ...'"),
        Arguments.of("- a", "f:1:1: keys with values are expected: 'listen: ...'"),
        Arguments.of("a: 'x", "f:1:6: found unexpected end of stream"),
        Arguments.of("a: 1\n b: 2", "f:2:3: " + MISPLACED),
        Arguments.of("a:\n- b: 1\nc: 1\n- b: 2", "f:4:1: " + MISPLACED),
        Arguments.of("a:\n- b: 1\nc: 1\n\n#\n  - b: 2", "f:6:3: " + MISPLACED),
        Arguments.of("a: 1\n---\nb: 1", "f:2:1: but found another document"),
        Arguments.of(
            "a: &x [1]\nb: *x", "f:1:4: an alias ('*') refers to this; write it out there"),
        Arguments.of("a: !b c", "f:1:4: the tag !b is not known here"),
        Arguments.of("[a]: b", "f:1:1: a key must be text"),
        Arguments.of(
            "a: " + "[".repeat(10_000) + "]".repeat(10_000),
            "f:1:23: lists and tables are nested more than 20 deep"),
        start(
            "log: {\"\\e[2J\": a}",
            "f:3:7: log: unknown key '\\u001b[2J'; accepted: level, format"),
        start("listen: /m", "f:3:1: key 'listen' is there already, at f:1"),
        start(
            "stateFiel: /s",
            "f:3:1: unknown key 'stateFiel', did you mean 'stateFile'? accepted: listen,"
                + " socketMode, socketGroup, allowedUids, backends, policies, ids, images, stateFile, forget,"
                + " admin, log, metrics, tracing, drainTimeout, timeouts, limits"),
        start(
            "allowedUids: []",
            "f:3:14: allowedUids: the list is empty; add an item, or remove the key"),
        start(
            "allowedUids: [root]",
            "f:3:15: allowedUids[0]: 'root' is not a number from 0 to 999999999"),
        start(
            "tracing: {endpoint: 1, samplingRatio: 2}",
            "f:3:39: tracing.samplingRatio: '2' is not a number from 0 to 1: write 0.01, say"),
        start("tracing: {samplingRatio: 1}", "f:3:10: tracing: 'endpoint' is missing"),
        start("log: {lvl: info}", "f:3:7: log: unknown key 'lvl'; accepted: level, format"),
        start("ids:", "f:3:5: ids: expected one of prefixed, native, not nothing"),
        start(
            "ids: nativ",
            "f:3:6: ids: 'nativ' is not accepted, did you mean 'native'?"
                + " accepted: prefixed, native"),
        start("ids: 5", "f:3:6: ids: '5' is not accepted; accepted: prefixed, native"),
        start("images: [shared]", "f:3:9: images: expected one of prefixed, shared, not a list"),
        start(
            "log: {level: loud}",
            "f:3:14: log.level: 'loud' is not accepted; accepted: error, warn, info, debug"),
        start(
            "socketMode: rw",
            "f:3:13: socketMode: 'rw' is not a mode: write three octal digits, 0600 or 0660, say"),
        start(
            "stateFile: state",
            "f:3:12: stateFile: 'state' is not an absolute path: write an absolute path"),
        start(
            "drainTimeout: 5",
            "f:3:15: drainTimeout: '5' is not a time above zero: write 500ms, 5s, 10m or 1h, say"),
        start(
            "timeouts: {podLists: 0s}",
            "f:3:22: timeouts.podLists: '0s' is not a time above zero: write 500ms, 5s, 10m or 1h, say"),
        start(
            "limits: {maxRequestBytes: 9Gi}",
            "f:3:27: limits.maxRequestBytes: '9Gi' is not a size from 1 to 2147483647:"
                + " write 65536, 64Ki or 16Mi, say"),
        start(
            "limits: {requestBytes: 1MB}",
            "f:3:24: limits.requestBytes: '1MB' is not a size above zero:"
                + " write 65536, 64Ki or 16Mi, say"),
        start(
            "limits: {connections: 0}",
            "f:3:23: limits.connections: '0' is not a number from 1 to 999999999"),
        start(
            "limits: {resetWindow: 10ms}",
            "f:3:9: limits: the window of resets must be at least 1, not 0"),
        start("forget: []", "f:3:9: forget: the list is empty; add an item, or remove the key"),
        start("forget: [kata]", "f:3:10: forget: backend 'kata' is configured"),
        Arguments.of(
            "listen: x.sock\nbackends: [{name: a, endpoint: /a}]",
            "f:1:9: listen: 'x.sock' is not an absolute path: write /PATH or unix:///PATH"),
        Arguments.of("listen: /l", "f:1:1: 'backends' is missing"),
        Arguments.of("backends: [{name: a, endpoint: /a}]", "f:1:1: 'listen' is missing"),
        Arguments.of("listen: /l\nbackends: a", "f:2:11: backends: expected a list, not text"),
        Arguments.of(
            "listen: /l\nbackends: [a]",
            "f:2:12: backends[0]: expected keys with values: name, endpoint, idPrefix, images,"
                + " runtimeHandlers, pinnedImages, streamBaseUrl, connectTimeout,"
                + " maxResponseBytes, not text"),
        Arguments.of(
            "listen: /l\nbackends: [{name: a}]", "f:2:12: backends[0]: 'endpoint' is missing"),
        Arguments.of(
            "listen: /l\nbackends: [{name: a, endpoint: /a}, {name: a, endpoint: /b}]",
            "f:2:44: backends[1].name: 'a' is the name of another backend, at f:2"),
        Arguments.of(
            "listen: /l\nbackends: [{name: a, endpoint: /a},"
                + " {name: b, endpoint: /b, idPrefix: x}, {name: c, endpoint: /c, idPrefix: x}]",
            "f:2:11: backends: id 'x__0123456789ab' of runtime b would also be one of runtime c:"
                + " give one of them another id prefix"),
        backend("endpoint: /b", "f:5:3: key 'endpoint' is there already, at f:4"),
        backend(
            "idPrefix: ABC",
            "f:5:13: backends[0].idPrefix: id prefix 'ABC' is not valid:"
                + " use 1 to 4 lower-case letters or digits"),
        backend(
            "streamBaseUrl: localhost",
            "f:5:18: backends[0].streamBaseUrl: 'localhost' is not a URL:"
                + " write http://HOST:PORT or https://HOST:PORT"),
        backend(
            "pinnedImages: ['(']",
            "f:5:18: backends[0].pinnedImages[0]: '(' is not a regular expression: Unclosed group"),
        backend(
            "runtimeHandlers: {a: x, b: x}",
            "f:5:20: backends[0].runtimeHandlers: two runtime handlers are renamed to 'x', so that"
                + " the router could not name the pods that run there"),
        policy(
            "lable: x",
            "f:4:3: policies[0]: 'lable' is not a policy, did you mean 'label'? accepted:"
                + " annotation, runtimeHandler, label, namespace, hostAccess, imagePrefix,"
                + " weighted, cel, always"),
        policy(
            "namespace: {a: kata}\n  always: kata",
            "f:4:3: policies[0]: 'namespace' and 'always' exclude each"
                + " other; write a policy for each, with '-'"),
        policy("label: x", "f:4:3: policies[0]: 'values' is missing"),
        policy(
            "namespace: {a: kat}",
            "f:4:18: policies[0].namespace.a: there is no backend 'kat', did you mean 'kata'?"
                + " accepted: containerd, kata"),
        policy(
            "hostAccess: vm",
            "f:4:15: policies[0].hostAccess: there is no backend 'vm'; accepted: containerd, kata"),
        policy(
            "weighted: {kta: 5, kata: 1}",
            "f:4:14: policies[0].weighted: there is no backend 'kta', did you mean 'kata'?"
                + " accepted: containerd, kata"),
        policy(
            "weighted: {kata: -1}",
            "f:4:20: policies[0].weighted.kata: '-1' is not a number from 0 to 999999999"),
        policy(
            "weighted: {kata: 0}",
            "f:4:13: policies[0].weighted: no runtime has a weight above zero: {kata=0}"),
        policy(
            "cel: pod.privileged\n  to: kta",
            "f:5:7: policies[0].to: there is no backend 'kta', did you mean 'kata'?"
                + " accepted: containerd, kata"),
        policy(
            "cel: pod.privileged",
            "f:4:8: policies[0].cel: column 4 of the expression: expected type 'string' but found"
                + " 'bool'"),
        policy(
            "cel: pod.name == 1\n  to: kata",
            "f:4:8: policies[0].cel: column 10 of the expression: found no matching overload for"
                + " '_==_' applied to '(string, int)' (candidates: (%A0, %A0))"),
        policy(
            "runtimeHandler: {}",
            "f:4:19: policies[0].runtimeHandler: the table is empty;"
                + " expected a table of backend names"),
        policy(
            "annotation: a\n  otherValues: ignore",
            "f:5:16: policies[0]: 'values' is missing, which this key refers to"),
        policy(
            "annotation: a\n  values: {x: kata}\n  otherValues: ignore\n  otherValuesTo: kata",
            "f:7:18: policies[0]: 'otherValues' and 'otherValuesTo' exclude each other"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void errorsHavePlaceAndReason(String yaml, String message) {
    assertThatThrownBy(() -> ProxyConfig.of(YamlFile.parse("f", yaml)))
        .isInstanceOf(BadConfigurationException.class)
        .hasMessage(message);
  }

  @Test
  void allErrorsAreReportedAtOnce() {
    assertThatThrownBy(() -> ProxyConfig.of(YamlFile.parse("f", START + "ids: a\nimages: b\n")))
        .hasMessage(
            """
            2 errors in the configuration:
            f:3:6: ids: 'a' is not accepted; accepted: prefixed, native
            f:4:9: images: 'b' is not accepted; accepted: prefixed, shared\
            """);
  }

  @Test
  void unreadableFilesAreNamedWithTheReason(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("f.yaml");
    assertThatThrownBy(() -> ProxyConfig.load(file))
        .hasMessage("cannot read " + file + ": it does not exist");
    assertThatThrownBy(() -> ProxyConfig.load(folder))
        .hasMessage("cannot read " + folder + ": it is a folder");
    Files.write(file, "a: \u00e4".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ProxyConfig.load(file))
        .hasMessage("cannot read " + file + ": it is not written in UTF-8");
    Files.writeString(file, "#".repeat((1 << 20) + 1));
    assertThatThrownBy(() -> ProxyConfig.load(file))
        .hasMessage("cannot read " + file + ": it has more than 1048576 bytes");
  }
}
