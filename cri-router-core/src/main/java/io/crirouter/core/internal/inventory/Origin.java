package io.crirouter.core.internal.inventory;

import io.crirouter.core.BackendName;
import io.crirouter.core.IdOwner;

/**
 * The runtime of an inventory. Two runtimes with the same name at different addresses are
 * different.
 *
 * @param idOwner its name, and what its ids towards the client are made with
 * @param address its address, or its last one
 */
public record Origin(IdOwner idOwner, String address) {
  private static final String IN_PROCESS = "in process";

  /** Its name. */
  BackendName name() {
    return idOwner.name();
  }

  /** In-process runtimes all have the same address. */
  boolean isAt(String otherAddress) {
    return address.equals(otherAddress) && !address.equals(IN_PROCESS);
  }

  boolean isSameRuntime(Origin other) {
    return name().equals(other.name()) && address.equals(other.address);
  }

  @Override
  public String toString() {
    return name() + " (" + address + ")";
  }
}
