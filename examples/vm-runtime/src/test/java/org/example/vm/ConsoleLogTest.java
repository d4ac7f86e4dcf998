package org.example.vm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleLogTest {
  private static final String HEAD = "2026-01-02T03:04:05.000000006Z stdout ";

  @TempDir private Path folder;

  private ConsoleLog open(String name) throws IOException {
    return new ConsoleLog(
        folder.resolve(name), () -> Instant.parse("2026-01-02T03:04:05.000000006Z"));
  }

  private List<String> lines(String name) throws IOException {
    return Files.readAllLines(folder.resolve(name));
  }

  @Test
  void aLineMayArriveInPieces() throws IOException {
    try (ConsoleLog log = open("0.log")) {
      log.append("Linux ver".getBytes(UTF_8));
      log.append("sion 6\r\n\r\nlogin: ".getBytes(UTF_8));

      assertEquals(List.of(HEAD + "F Linux version 6", HEAD + "F "), lines("0.log"));
      log.flushLine();
      assertEquals(HEAD + "P login: ", lines("0.log").get(2));
    }
  }

  @Test
  void aLongLineIsSplitIntoPartialLinesAndAFullOne() throws IOException {
    try (ConsoleLog log = open("0.log")) {
      log.append(("x".repeat(ConsoleLog.MAX_LINE_BYTES) + "y\n").getBytes(UTF_8));
    }

    assertEquals(
        List.of(HEAD + "P " + "x".repeat(ConsoleLog.MAX_LINE_BYTES), HEAD + "F y"), lines("0.log"));
  }

  @Test
  void aMovedFileIsFollowedByANewOne() throws IOException {
    try (ConsoleLog log = open("0.log")) {
      log.append("one\n".getBytes(UTF_8));
      Files.move(folder.resolve("0.log"), folder.resolve("0.log.1"));
      log.reopen();
      log.append("two\n".getBytes(UTF_8));
    }

    assertEquals(List.of(HEAD + "F one"), lines("0.log.1"));
    assertEquals(List.of(HEAD + "F two"), lines("0.log"));
  }

  @Test
  void outputIsKeptWhileTheDiskIsFull() throws IOException {
    Path full = Path.of("/dev/full");
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(full));
    Files.createSymbolicLink(folder.resolve("0.log"), full);
    try (ConsoleLog log = open("0.log")) {
      assertThrows(IOException.class, () -> log.append("one\n".getBytes(UTF_8)));
      Files.delete(folder.resolve("0.log"));
      log.reopen();

      log.retry();

      assertEquals(List.of(HEAD + "F one"), lines("0.log"));
    }
  }
}
