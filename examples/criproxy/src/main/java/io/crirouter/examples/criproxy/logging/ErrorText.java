package io.crirouter.examples.criproxy.logging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Describes exceptions for operators. */
public final class ErrorText {
  private ErrorText() {}

  /** A message for {@code failure}, with the name of its class only if the message needs it. */
  public static String of(Throwable failure) {
    if (failure instanceof FileSystemException file) {
      return of(file);
    }
    String message = failure.getMessage();
    boolean isClear = failure instanceof IOException || failure instanceof UncheckedIOException;
    return message != null && isClear ? message : failure.toString();
  }

  private static String of(FileSystemException failure) {
    String what;
    if (failure instanceof AccessDeniedException) {
      what = "permission denied";
    } else if (failure instanceof NoSuchFileException) {
      what = "no such file or folder";
    } else if (failure instanceof FileAlreadyExistsException) {
      what = "it exists already";
    } else if (failure instanceof NotDirectoryException) {
      what = "it is not a folder";
    } else {
      what = failure.getReason() == null ? "file system error" : failure.getReason();
    }
    return failure.getFile() == null ? what : what + ": " + failure.getFile();
  }
}
