package io.crirouter.examples.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A TCP port. */
record Port(String address, int number) {
  /** Whether somebody listens there. */
  boolean isOpen() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, number), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
