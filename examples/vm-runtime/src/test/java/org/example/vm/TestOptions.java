package org.example.vm;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Options of runtimes in tests. */
final class TestOptions {
  private TestOptions() {}

  static VmOptions at(Path folder, URI images, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.addAll(List.of("--accelerator", "tcg")); // KVM is not the same on all machines of CI
    all.addAll(List.of("--folder", folder.resolve("vm").toString(), "--images", images.toString()));
    return VmOptions.parse(all);
  }
}
