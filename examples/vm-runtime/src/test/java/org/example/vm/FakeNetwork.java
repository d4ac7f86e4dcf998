package org.example.vm;

import io.crirouter.proto.v1.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A fake network that only assigns addresses. A reboot of the node removes it. */
final class FakeNetwork implements PodNetwork {
  final Map<String, PodAddress> addresses = new ConcurrentHashMap<>();
  volatile Optional<String> failure = Optional.empty();

  @Override
  public Optional<String> reasonNotReady() {
    return failure;
  }

  @Override
  public PodAddress connect(String pod, Path folder, PodSandboxConfig config) throws IOException {
    if (failure.isPresent()) {
      throw new IOException(failure.get());
    }
    return addresses.computeIfAbsent(
        pod,
        absent ->
            new PodAddress(
                "10.1.0." + (2 + addresses.size()),
                24,
                "10.1.0.1",
                new MachineSpec.NetworkCard("vm-" + pod, "tap0", "02:00:00:00:00:01", 1500)));
  }

  @Override
  public Optional<PodAddress> find(String pod, Path folder) {
    return Optional.ofNullable(addresses.get(pod));
  }

  @Override
  public void disconnect(String pod, Path folder) {
    addresses.remove(pod);
  }
}
