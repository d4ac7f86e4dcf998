package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.admin.OwnersReport.Owner;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints the owner of an id. */
@Command(
    name = "owner",
    description =
        "Prints which runtime has the pod, container or image with this id. Exits with 1 if "
            + "none is known, or if several ids match.",
    mixinStandardHelpOptions = true)
public final class OwnerCommand implements Callable<Integer> {
  @Mixin private AdminOptions options = new AdminOptions();

  @Parameters(
      paramLabel = "ID",
      description = "The client's or the runtime's id, or its first characters.")
  private String id = "";

  @Override
  public Integer call() throws BadConfigurationException, IOException {
    OwnersReport report;
    try (AdminClient client = options.connect()) {
      report = client.call(AdminRpcs.OWNERS, new IdQuery(id));
    }
    long ids = report.owners().stream().map(Owner::id).distinct().count();
    if (options.isJson()) {
      options.print(JsonMarshaller.readable(report) + "\n");
    } else if (ids == 0) {
      options.print("no runtime has a known id that begins with " + id + "\n");
    } else {
      options.print(text(report.owners(), ids));
    }
    return ids == 1 ? 0 : 1;
  }

  private String text(List<Owner> owners, long ids) {
    if (ids > 1) {
      Table table = new Table("RUNTIME", "KIND", "NAME", "STATE", "ID");
      owners.forEach(
          owner ->
              table
                  .add(owner.runtime())
                  .add(owner.kind())
                  .add(owner.name())
                  .add(owner.state())
                  .add(owner.id())
                  .end());
      return id + " is ambiguous: " + ids + " ids match\n\n" + table.text(options.ansi());
    }
    StringBuilder text = new StringBuilder();
    owners.forEach(owner -> append(text, owner));
    return text.toString();
  }

  private static void append(StringBuilder text, Owner owner) {
    line(text, "runtime", owner.runtime());
    line(text, owner.kind(), owner.name());
    line(text, "state", owner.state() + (owner.lastKnown() ? " (last known)" : ""));
    line(text, "id", owner.id());
    line(text, "at runtime", owner.runtimeId().equals(owner.id()) ? "" : owner.runtimeId());
    line(text, "pod id", owner.podId());
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(String.format("%-10s  %s%n", name, Screen.clean(value, 512)));
    }
  }
}
