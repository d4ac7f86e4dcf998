package io.crirouter.examples.criproxy.bootstrap;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.util.Optional;

/** Saves a journal on the node. Each write is atomic, and synced to the disk before it returns. */
final class JournalFile {
  static final String FOLDER = "/var/lib/criproxy/bootstrap";
  static final String PATH = FOLDER + "/journal.json";
  static final String UPGRADE = FOLDER + "/upgrade.json";
  static final String LOCK = FOLDER + "/lock";

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private final NodeFiles files;
  private final String path;

  /** The journal of the installation. */
  JournalFile(NodeFiles files) {
    this(files, PATH);
  }

  /**
   * @param path {@link #PATH}, or {@link #UPGRADE} for the journal of an upgrade
   */
  JournalFile(NodeFiles files, String path) {
    this.files = files;
    this.path = path;
  }

  /**
   * The journal of an earlier run.
   *
   * @throws RefusedException if it is damaged or of another version
   */
  Optional<Journal> read() throws IOException, RefusedException {
    Optional<String> text = files.read(path);
    return text.isEmpty() ? Optional.empty() : Optional.of(parse(text.get()));
  }

  private Journal parse(String text) throws RefusedException {
    Journal journal;
    try {
      journal = GSON.fromJson(text, Journal.class);
    } catch (RuntimeException e) {
      // Gson has no specific exception for a record with missing fields.
      throw damaged("it cannot be read");
    }
    if (journal == null || journal.format() != Journal.FORMAT) {
      throw damaged("it is not of format " + Journal.FORMAT);
    }
    for (JournalStep step : journal.steps()) {
      if (!step.isIntact()) {
        throw damaged("a checksum does not match: " + step);
      }
    }
    return journal;
  }

  private RefusedException damaged(String why) {
    return new RefusedException(
        path + " is damaged: " + why + ". Nothing is restored from it; see docs/bootstrap.md");
  }

  void write(Journal journal) throws IOException {
    files.writePrivate(path, GSON.toJson(journal) + "\n");
  }

  void delete() throws IOException {
    files.delete(path);
  }
}
