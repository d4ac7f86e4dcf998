package org.example.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageNameTest {
  private static final URI SERVER = URI.create("http://127.0.0.1:8080/images");

  @ParameterizedTest
  @CsvSource({
    "busybox,                  http://127.0.0.1:8080/images/busybox/latest/",
    "guests/busybox:1.0,       http://127.0.0.1:8080/images/guests/busybox/1.0/",
    "images.example/busybox:1, https://images.example/busybox/1/",
    "images:8443/a/b,          https://images:8443/a/b/latest/",
  })
  void aNameIsAFolderOfAServer(String name, String folder) {
    assertEquals(URI.create(folder), ImageName.parse(name).folder(SERVER));
  }

  @Test
  void theListedNameHasATagAndNoDigest() {
    ImageName name = ImageName.parse("images.example/a@sha256:" + "0".repeat(64));

    assertEquals("images.example/a:latest", name.tagged());
    assertEquals("images.example/a", name.repository());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Not A Name", "a/../b", "a:b:c", "http://a/b", "a//", "a@sha256:1"})
  void invalidNamesAreRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> ImageName.parse(text));
  }
}
