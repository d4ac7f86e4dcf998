package io.crirouter.examples.criproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.examples.criproxy.logging.LogLevel;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.AuthConfig;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.KeyValue;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.StatusRuntimeException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The log of a proxy process, also if it is not read. */
@Timeout(60)
class ProxyLogsTest {
  private static final int PIPE_BYTES = 64 << 10;
  private static final String PASSWORD = "the-registry-password";
  private static final String TOKEN = "the-registry-token";
  private static final String VARIABLE = "the-secret-variable";

  @TempDir private Path folder;
  private final FakeRuntime runtime = FakeRuntime.create("containerd");
  private CriServer containerd;
  private Path socket;

  @BeforeEach
  void startRuntime() throws Exception {
    containerd = runtime.serve(folder.resolve("containerd.sock"));
    socket = folder.resolve("criproxy.sock");
  }

  @AfterEach
  void stopRuntime() {
    containerd.close();
  }

  private String[] options(LogLevel level) {
    return new String[] {
      "--listen=" + socket, "--connect=" + containerd.socket(), "--log-level=" + level
    };
  }

  @Test
  void aLogThatIsNotReadBlocksNothing() throws Exception {
    Path pipe = folder.resolve("stderr");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (RandomAccessFile reader = new RandomAccessFile(pipe.toFile(), "rw")) {
      reader.write(new byte[PIPE_BYTES]);
      try (ProxyProcess proxy = ProxyProcess.runSayingTo(pipe.toFile(), options(LogLevel.INFO));
          CriClient client = CriClient.connect(socket)) {
        proxy.awaitSocket(socket);

        assertThat(
                client
                    .runtime()
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .version(VersionRequest.getDefaultInstance())
                    .getRuntimeName())
            .isEqualTo("containerd");
        proxy.terminate();

        assertThat(proxy.awaitExit()).isZero();
        assertThat(socket).doesNotExist();
      }
    }
  }

  @Test
  void aFailedStartEndsThoughItsLogIsNotRead() throws Exception {
    Path pipe = folder.resolve("stderr");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (RandomAccessFile reader = new RandomAccessFile(pipe.toFile(), "rw")) {
      reader.write(new byte[PIPE_BYTES]);
      try (ProxyProcess proxy =
          ProxyProcess.runSayingTo(pipe.toFile(), "--listen=" + socket, "--connect=nonsense")) {
        assertThat(proxy.awaitExit()).isEqualTo(2);
      }
    }
  }

  @Test
  void theLinesOfAStopAreAlwaysLogged() throws Exception {
    for (int stop = 0; stop < 5; stop++) {
      try (ProxyProcess proxy = ProxyProcess.run(options(LogLevel.INFO))) {
        proxy.untilItListens();
        proxy.terminate();

        assertThat(proxy.awaitExit()).isZero();
        assertThat(proxy.output()).contains("info  stopping").endsWith("info  stopped\n");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(LogLevel.class)
  void noLevelShowsCredentialsOrEnvironments(LogLevel level) throws Exception {
    Path config =
        Files.writeString(folder.resolve("logging.properties"), ".level=ALL\nio.grpc.level=ALL\n");
    try (ProxyProcess proxy =
            ProxyProcess.runWith(
                List.of("-Djava.util.logging.config.file=" + config), options(level));
        CriClient client = CriClient.connect(socket)) {
      proxy.awaitSocket(socket);
      callWithSecrets(client, "nginx", "");
      callWithSecrets(client, "nginx", "unheard.of");
      proxy.terminate();

      assertThat(proxy.awaitExit()).isZero();
      String output = proxy.output();
      for (String secret : List.of(PASSWORD, TOKEN, VARIABLE)) {
        assertThat(output)
            .doesNotContain(secret)
            .doesNotContainIgnoringCase(HexFormat.of().formatHex(secret.getBytes(UTF_8)));
      }
      if (level == LogLevel.DEBUG) {
        assertThat(output).contains("listening on");
      }
    }
  }

  /** Makes calls with secrets in their requests. Some succeed, some fail. */
  private static void callWithSecrets(CriClient client, String image, String target) {
    PodSandboxConfig pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName("p").setUid("u" + target).setNamespace("n"))
            .putAnnotations("kubernetes.io/target-runtime", target)
            .build();
    ImageSpec spec = ImageSpec.newBuilder().setImage(image).build();
    ignoreFailure(
        () ->
            client
                .images()
                .pullImage(
                    PullImageRequest.newBuilder()
                        .setImage(spec)
                        .setSandboxConfig(pod)
                        .setAuth(
                            AuthConfig.newBuilder()
                                .setUsername("user")
                                .setPassword(PASSWORD)
                                .setRegistryToken(TOKEN))
                        .build()));
    String[] sandbox = {"unknown"};
    ignoreFailure(
        () ->
            sandbox[0] =
                client
                    .runtime()
                    .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                    .getPodSandboxId());
    ignoreFailure(
        () ->
            client
                .runtime()
                .createContainer(
                    CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox[0])
                        .setSandboxConfig(pod)
                        .setConfig(
                            ContainerConfig.newBuilder()
                                .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                                .setImage(spec)
                                .addEnvs(
                                    KeyValue.newBuilder()
                                        .setKey("SECRET")
                                        .setValue(ByteString.copyFromUtf8(VARIABLE))))
                        .build()));
  }

  private static void ignoreFailure(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      // What is logged of failures counts too.
    }
  }
}
