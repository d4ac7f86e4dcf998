package org.example.vm;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Downloads files over HTTP, bounded in bytes and time. Redirects are not followed, because they
 * could lead to servers that only this node can reach.
 *
 * @param silence the read timeout
 * @param limit the time limit for one file
 */
record Download(Duration silence, Duration limit) {
  private static final int BUFFER = 1 << 16;

  /** Downloads a small file. */
  byte[] bytes(URI uri, int maxBytes) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    copy(uri, maxBytes, content);
    return content.toByteArray();
  }

  /**
   * Downloads a file into a new file.
   *
   * @return its checksum, in hexadecimal
   */
  String file(URI uri, Path target, long maxBytes) throws IOException {
    MessageDigest sha256 = Digests.sha256();
    try (FileChannel file =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream output = new DigestOutputStream(Channels.newOutputStream(file), sha256)) {
      copy(uri, maxBytes, output);
      file.force(true);
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  private void copy(URI uri, long maxBytes, OutputStream output) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    try {
      connection.setConnectTimeout((int) silence.toMillis());
      connection.setReadTimeout((int) silence.toMillis());
      connection.setUseCaches(false);
      connection.setInstanceFollowRedirects(false);
      check(uri, connection);
      try (InputStream input = connection.getInputStream()) {
        copy(uri, input, output, maxBytes, deadline);
      }
    } finally {
      connection.disconnect();
    }
  }

  private static void check(URI uri, HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    if (status == HttpURLConnection.HTTP_NOT_FOUND) {
      throw new FileNotFoundException("there is no " + uri);
    }
    if (status != HttpURLConnection.HTTP_OK) {
      throw new IOException(uri + " was answered with the HTTP status " + status);
    }
  }

  private void copy(URI uri, InputStream input, OutputStream output, long maxBytes, long deadline)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
      total += count;
      if (total > maxBytes) {
        throw new IOException(uri + " has more than the " + maxBytes + " bytes that are allowed");
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(uri + " took longer than " + limit.toSeconds() + " s");
      }
      output.write(buffer, 0, count);
    }
  }
}
