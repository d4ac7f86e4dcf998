package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import io.crirouter.core.internal.schema.FieldPath;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes that once were, or could be, a bug: {@code fuzz/NAME.hex}, each with the verdicts that
 * {@code fuzz/VERDICTS.txt} lists.
 */
class FuzzCorpusTest {
  private static final String VERDICTS = "VERDICTS.txt";
  private static final String MALFORMED = "malformed";

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void bytesGetTheListedVerdicts(Case listed) throws Exception {
    RpcMessage request = RpcMessage.requestOf(listed.rpc());
    ByteString bytes = Hex.parse(Files.readString(corpus().resolve(listed.name() + ".hex")));

    Case actual =
        new Case(
            listed.name(),
            listed.rpc(),
            takenApart(bytes),
            rewritten(request, bytes),
            routed(request, bytes),
            request.parse(bytes).isPresent() ? "accepts" : "refuses");

    assertThat(actual).isEqualTo(listed);
  }

  @Test
  void everyFileIsListedAndEveryListedFileIsThere() throws Exception {
    try (Stream<Path> files = Files.list(corpus())) {
      List<String> present =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals(VERDICTS))
              .sorted()
              .toList();
      assertThat(cases().map(listed -> listed.name() + ".hex").sorted()).isEqualTo(present);
    }
  }

  /**
   * A file and its verdicts.
   *
   * @param takenApart by WireMessage and MessageSplitter, which do not look into fields: {@code ok}
   *     or {@code malformed}
   * @param rewritten with a prefix on every reference: {@code untouched}, {@code changed} or {@code
   *     malformed}
   * @param routed the id that the rpc is routed by in quotes, {@code refused} or {@code malformed}
   * @param protobuf whether protobuf-java {@code accepts} or {@code refuses}
   */
  record Case(
      String name,
      String rpc,
      String takenApart,
      String rewritten,
      String routed,
      String protobuf) {

    static Case parse(String line) {
      String[] columns = line.split("\\s*\\|\\s*", -1);
      return new Case(columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]);
    }

    @Override
    public String toString() {
      return String.join(" | ", name, rpc, takenApart, rewritten, routed, protobuf);
    }
  }

  static Stream<Case> cases() throws IOException {
    return Files.readString(corpus().resolve(VERDICTS))
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(Case::parse);
  }

  private static String takenApart(ByteString bytes) throws Exception {
    Attempt<ByteString> parsed = Attempt.to(() -> WireMessage.parse(bytes).toByteString());
    Attempt<ByteString> split =
        Attempt.to(() -> ByteString.copyFrom(MessageSplitter.split(bytes, 0)));

    assertThat(split).isEqualTo(parsed);
    return parsed.malformed() ? MALFORMED : "ok";
  }

  private static String rewritten(RpcMessage request, ByteString bytes) throws Exception {
    RewritePlan plan = RewritePlan.translating(request.schema(), kind -> true);
    Edits edits = Edits.all(Edit.PREPEND);
    Attempt<ByteString> rewritten = Attempt.to(() -> Rewriter.rewrite(bytes, plan, edits));
    if (rewritten.malformed()) {
      return MALFORMED;
    }
    ByteString result = rewritten.value().orElseThrow();
    Optional<DynamicMessage> expected =
        request.parse(bytes).map(message -> ByDescriptors.edited(message, edits));
    assertThat(request.parse(result)).isEqualTo(expected);
    return result.equals(bytes) ? "untouched" : "changed";
  }

  private static String routed(RpcMessage request, ByteString bytes) throws Exception {
    FieldPath path = request.singularReferences().get(0);
    Attempt<String> read = Attempt.to(() -> new RoutingField(path).read(bytes));
    if (read.value().isPresent()) {
      return "'" + read.value().get() + "'";
    }
    return read.malformed() ? MALFORMED : "refused";
  }

  private static Path corpus() {
    URL folder = FuzzCorpusTest.class.getResource("/fuzz");
    try {
      return Path.of(folder.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
