package io.crirouter.examples.criproxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page on the admin rpcs has exactly the rpcs and keys. */
class AdminPageTest {
  private static final Path PAGE =
      Path.of("").toAbsolutePath().getParent().getParent().resolve("docs/admin.md");
  private static final Pattern CODE = Pattern.compile("`([A-Za-z]+)`");
  private static final Pattern FIRST_CELLS = Pattern.compile("(?m)^\\| (`[A-Za-z`, ]+`) \\|");

  private static final Set<Class<? extends Record>> MESSAGES =
      Set.of(
          StatusReport.class,
          StatusReport.Reload.class,
          StatusReport.RuntimeStatus.class,
          StatusReport.Failure.class,
          HealthReport.class,
          PodsReport.class,
          PodsReport.Pod.class,
          IdQuery.class,
          OwnersReport.class,
          OwnersReport.Owner.class,
          PodQuery.class,
          PlacementReport.class,
          PlacementReport.Answer.class,
          TraceQuery.class,
          TraceEntry.class,
          TraceEntry.Part.class);

  private static Set<String> words(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .flatMap(match -> CODE.matcher(match).results())
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyKeyIsDocumented() throws IOException {
    String page = Files.readString(PAGE);
    Set<String> keys =
        MESSAGES.stream()
            .flatMap(message -> Stream.of(message.getRecordComponents()))
            .map(RecordComponent::getName)
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(words(CODE, page)).containsAll(keys);
    Set<String> named = words(FIRST_CELLS, page);
    named.removeAll(keys);
    assertThat(named)
        .containsExactlyInAnyOrder("Status", "Health", "Pods", "Owners", "Placement", "Trace");
  }

  @Test
  void everyRpcIsDocumented() throws IOException {
    String page = Files.readString(PAGE);

    for (MethodDescriptor<?, ?> rpc :
        new MethodDescriptor<?, ?>[] {
          AdminRpcs.STATUS,
          AdminRpcs.HEALTH,
          AdminRpcs.PODS,
          AdminRpcs.OWNERS,
          AdminRpcs.PLACEMENT,
          AdminRpcs.TRACE
        }) {
      assertThat(page).contains("| `" + rpc.getBareMethodName() + "` |", rpc.getServiceName());
    }
  }
}
