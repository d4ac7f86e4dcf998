package io.crirouter.examples.criproxy.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A step of an installation, with the data to resume or undo it.
 *
 * @param kind its kind
 * @param status its progress
 * @param path the file that it writes; null if it writes none
 * @param before the text of the file before the step; null if the file did not exist
 * @param beforeSha256 the checksum of {@code before}
 * @param after the text of the file after the step
 * @param afterSha256 the checksum of {@code after}
 * @param facts the state before the step, for undo
 */
record JournalStep(
    StepKind kind,
    Status status,
    @Nullable String path,
    @Nullable String before,
    @Nullable String beforeSha256,
    @Nullable String after,
    @Nullable String afterSha256,
    Map<String, String> facts) {
  /** The progress of a step. */
  enum Status {
    PLANNED,
    BEGUN,
    DONE,
    UNDONE
  }

  static JournalStep of(StepKind kind) {
    return new JournalStep(kind, Status.PLANNED, null, null, null, null, null, Map.of());
  }

  static JournalStep of(StepKind kind, FileChange file) {
    String before = file.before().orElse(null);
    return new JournalStep(
        kind,
        Status.PLANNED,
        file.path(),
        before,
        before == null ? null : sha256(before),
        file.after(),
        sha256(file.after()),
        Map.of());
  }

  JournalStep with(Status other) {
    return new JournalStep(kind, other, path, before, beforeSha256, after, afterSha256, facts);
  }

  JournalStep begun(Map<String, String> found) {
    return new JournalStep(
        kind, Status.BEGUN, path, before, beforeSha256, after, afterSha256, Map.copyOf(found));
  }

  boolean writesSame(JournalStep other) {
    return kind == other.kind && path != null && path.equals(other.path);
  }

  /** This step with the text that {@code later} has written to the same file. */
  JournalStep rewritten(JournalStep later) {
    return new JournalStep(
        kind, status, path, before, beforeSha256, later.after, later.afterSha256, facts);
  }

  /** The file that it writes. */
  FileChange file() {
    if (path == null || after == null) {
      throw new IllegalStateException(kind + " writes no file");
    }
    return new FileChange(path, Optional.ofNullable(before), after);
  }

  /** Whether the checksums match the texts. */
  boolean isIntact() {
    return matches(before, beforeSha256) && matches(after, afterSha256);
  }

  private static boolean matches(@Nullable String text, @Nullable String checksum) {
    return text == null ? checksum == null : sha256(text).equals(checksum);
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return path == null ? kind.toString() : kind + " " + path;
  }
}
