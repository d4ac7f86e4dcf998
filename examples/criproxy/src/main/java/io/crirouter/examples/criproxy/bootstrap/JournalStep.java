package io.crirouter.examples.criproxy.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A step of an installation, with all that is needed to go on with it or to undo it.
 *
 * @param kind what it does
 * @param status how far it is
 * @param path the file that it writes, if it writes one
 * @param before the file's text before; null if there was no file
 * @param beforeSha256 the checksum of that
 * @param after the file's text after it
 * @param afterSha256 the checksum of that
 * @param facts what was found before the step was begun, for its undoing
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
  /** How far a step is. */
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

  /** This step as if it had written what {@code later} wrote over it. */
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

  /** Whether the texts are those that were written into the journal. */
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
