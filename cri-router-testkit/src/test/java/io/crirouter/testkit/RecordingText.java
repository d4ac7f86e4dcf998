package io.crirouter.testkit;

import io.crirouter.testkit.ObservedRuntime.CallResult;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Writes a recording: the responses of a runtime, and the differences from a plain fake. */
final class RecordingText {
  /** Fields that the runtime sets only after it has taken a sample. */
  private static final Pattern SAMPLED_FIELDS =
      Pattern.compile(".*\\.(usage_nano_cores|writable_layer\\.timestamp)");

  private RecordingText() {}

  /** The lines of a recording, as {@link RuntimeRecording} reads them. */
  static List<String> of(ObservedRuntime runtime, ObservedRuntime fake) {
    List<String> lines = new ArrayList<>();
    runtime.answers().forEach((rpc, answer) -> lines.add(line("answer", rpc, answer)));
    lines.add(line("info", "Status", String.join(",", runtime.statusInfo())));
    runtime
        .lacking()
        .forEach((rpc, end) -> lines.add(line("lacks", rpc, end.code().name(), end.text())));
    lines.addAll(situations(runtime, fake));
    runtime
        .fields()
        .forEach(
            (rpc, set) ->
                absent(set, fake.fields().getOrDefault(rpc, Set.of()))
                    .forEach(field -> lines.add(line("absent", rpc, field))));
    return lines;
  }

  private static Set<String> situations(ObservedRuntime runtime, ObservedRuntime fake) {
    Set<String> lines = new LinkedHashSet<>();
    for (int i = 0; i < runtime.situations().size(); i++) {
      CallResult real = runtime.situations().get(i);
      CallResult faked = fake.situations().get(i);
      if (real.code() == Status.Code.UNIMPLEMENTED) {
        continue;
      }
      if (fails(real) && fails(faked)) {
        lines.add(line("error", real.rpc(), faked.text(), real.code().name(), real.text()));
      } else if (fails(real)) {
        lines.add(line("refuses", real.rpc(), real.situation(), real.code().name(), real.text()));
      } else if (fails(faked)) {
        lines.add(line("accepts", real.rpc(), real.situation()));
      }
    }
    return lines;
  }

  private static boolean fails(CallResult end) {
    return end.code() != Status.Code.OK;
  }

  /** The fields that only the fake sets, without their nested fields. */
  private static Set<String> absent(Set<String> real, Set<String> fakes) {
    Set<String> absent = new TreeSet<>(fakes);
    absent.removeAll(real);
    absent.removeIf(field -> SAMPLED_FIELDS.matcher(field).matches());
    absent.removeIf(field -> absent.stream().anyMatch(outer -> field.startsWith(outer + ".")));
    return absent;
  }

  private static String line(String... columns) {
    for (String column : columns) {
      if (column.contains("\t") || column.contains("\n")) {
        throw new IllegalArgumentException("a column must have no tab and no line end: " + column);
      }
    }
    return String.join("\t", columns);
  }
}
