package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendOptions;
import io.crirouter.proto.v1.AttachRequest;
import io.crirouter.proto.v1.ExecRequest;
import io.crirouter.proto.v1.PortForwardRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Urls of Exec, Attach and PortForward must be complete, because kubelets fetch them. */
class StreamUrlTest {
  @ParameterizedTest
  @CsvSource({
    "https://10.0.0.1:10010, https://10.0.0.1:10010/",
    "//127.0.0.1:3456, http://127.0.0.1:3456/",
    "'', http://127.0.0.1:9999/vm/",
  })
  void urlsAreCompleted(String atRuntime, String atClient) {
    Node node =
        Node.builder()
            .virtlet(fake -> fake.streamUrlPrefix(atRuntime))
            .virtlet(BackendOptions.DEFAULT.withStreamBaseUrl("http://127.0.0.1:9999/vm/"))
            .build();
    String pod = node.runOnVirtlet("a");
    String container = node.start(pod, "main");

    String exec =
        node.client
            .runtime()
            .exec(
                ExecRequest.newBuilder()
                    .setContainerId(container)
                    .addCmd("sh")
                    .setStdout(true)
                    .build())
            .getUrl();
    String attach =
        node.client
            .runtime()
            .attach(AttachRequest.newBuilder().setContainerId(container).setStdout(true).build())
            .getUrl();
    String portForward =
        node.client
            .runtime()
            .portForward(PortForwardRequest.newBuilder().setPodSandboxId(pod).addPort(80).build())
            .getUrl();

    assertThat(exec).startsWith(atClient + "exec/");
    assertThat(attach).startsWith(atClient + "attach/");
    assertThat(portForward).startsWith(atClient + "portforward/");
  }

  @ParameterizedTest
  @CsvSource({"//127.0.0.1:3456, http://127.0.0.1:3456/", "'', /"})
  void withoutABaseAPathIsUnchanged(String atRuntime, String atClient) {
    Node node = Node.builder().containerd(fake -> fake.streamUrlPrefix(atRuntime)).build();
    String pod = node.runOnContainerd("a");

    assertThat(
            node.client
                .runtime()
                .portForward(PortForwardRequest.newBuilder().setPodSandboxId(pod).build())
                .getUrl())
        .startsWith(atClient + "portforward/");
  }
}
