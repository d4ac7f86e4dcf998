package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "busybox, docker.io/library/busybox:latest",
    "busybox:1.36, docker.io/library/busybox:1.36",
    "bitnami/redis, docker.io/bitnami/redis:latest",
    "docker.io/busybox, docker.io/library/busybox:latest",
    "index.docker.io/a/b:c, docker.io/a/b:c",
    "registry.k8s.io/pause:3.9, registry.k8s.io/pause:3.9",
    "localhost/app, localhost/app:latest",
    "127.0.0.1:5000/app:v1, 127.0.0.1:5000/app:v1",
    "virtlet.cloud/cirros, virtlet.cloud/cirros:latest",
  })
  void namesAreNormalizedLikeContainerd(String name, String full) {
    assertThat(ImageName.parse(name)).get().hasToString(full);
  }

  @Test
  void aDigestPrecedesATag() {
    assertThat(ImageName.parse("busybox:1.36@" + DIGEST))
        .get()
        .hasToString("docker.io/library/busybox@" + DIGEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Busybox", "a//b", "a:b:c", "a@sha256:12", "busybox:", " busybox"})
  void invalidNamesAreRefused(String name) {
    assertThat(ImageName.parse(name)).isEmpty();
  }

  @Test
  void anImageIdIsNoName() {
    assertThat(ImageName.parse(DIGEST)).isEmpty();
    assertThat(ImageName.parse(DIGEST.substring("sha256:".length()))).isEmpty();
  }
}
