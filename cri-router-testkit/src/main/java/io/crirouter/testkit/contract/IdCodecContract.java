package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.core.BackendName;
import io.crirouter.core.IdCodec;
import io.crirouter.core.IdOwner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link IdCodec}, checked with some hundred ids of the kinds that runtimes create.
 * Extend it with a test class:
 *
 * <pre>{@code
 * class OwnerLastTest extends IdCodecContract {
 *   @Override
 *   protected IdCodec codec() {
 *     return new OwnerLast();
 *   }
 * }
 * }</pre>
 */
public abstract class IdCodecContract {
  private static final int IDS = 200;
  private static final int THREADS = 4;
  private static final String SAFE = "[A-Za-z0-9_.]+";

  /** For subclasses. */
  protected IdCodecContract() {}

  /** Creates the codec, as at the start of a process. */
  protected abstract IdCodec codec();

  /** The secondaries: at least two, which the router accepts together. */
  protected List<IdOwner> owners() {
    return List.of(
        IdOwner.of(BackendName.of("virtlet.cloud"), "virt"),
        IdOwner.of(BackendName.of("kata.local"), "kata"),
        IdOwner.of(BackendName.of("virtlet.example"), "vm"));
  }

  /** Ids in the formats of containerd and CRI-O, shortened ids of Docker, UUIDs and short names. */
  private static List<String> ids() {
    Random random = new Random(11);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < IDS; i++) {
      String hex = "";
      while (hex.length() < 64) {
        hex += String.format("%016x", random.nextLong());
      }
      ids.add(hex);
      ids.add(hex.substring(0, 12));
      ids.add(new UUID(random.nextLong(), random.nextLong()).toString());
      ids.add("vm_" + i);
    }
    return ids;
  }

  @Test
  void anEncodedIdDecodesToTheIdOfTheRuntime() {
    IdCodec codec = codec();
    for (IdOwner owner : owners()) {
      for (String id : ids()) {
        assertEquals(Optional.of(id), codec.decode(owner, codec.encode(owner, id)));
      }
    }
  }

  @Test
  void anEncodedIdBelongsToNoOtherOwner() {
    IdCodec codec = codec();
    for (IdOwner owner : owners()) {
      for (IdOwner other : owners()) {
        if (!owner.equals(other)) {
          for (String id : ids()) {
            assertEquals(
                Optional.empty(),
                codec.decode(other, codec.encode(owner, id)),
                () -> "an id of " + owner + " also belongs to " + other);
          }
        }
      }
    }
  }

  @Test
  void encodedIdsAreUnique() {
    IdCodec codec = codec();
    Map<String, String> seen = new HashMap<>();
    for (IdOwner owner : owners()) {
      for (String id : ids()) {
        String clientId = codec.encode(owner, id);
        String before = seen.put(clientId, owner + " " + id);
        assertNull(
            before, () -> clientId + " has two owners: " + before + " and " + owner + " " + id);
      }
    }
  }

  @Test
  void idsOfThePrimaryBelongToNoSecondary() {
    IdCodec codec = codec();
    for (String id : ids()) {
      if (!id.startsWith("vm_")) {
        for (IdOwner owner : owners()) {
          assertEquals(Optional.empty(), codec.decode(owner, id), () -> id + " of the primary");
        }
        assertFalse(
            codec.isEncoded(id), () -> "isEncoded(" + id + ") is true for an id of the primary");
      }
    }
  }

  @Test
  void idsFitIntoFileNames() {
    IdCodec codec = codec();
    for (IdOwner owner : owners()) {
      for (String id : ids()) {
        String clientId = codec.encode(owner, id);
        assertTrue(clientId.length() <= IdCodec.MAX_LENGTH, () -> "too long: " + clientId);
        if (id.matches(SAFE)) {
          assertTrue(clientId.matches(SAFE), () -> clientId + " does not match " + SAFE);
        }
      }
    }
  }

  @Test
  void aPrefixOfAnIdDecodesToAPrefixOfTheRuntimesIdOrNothing() {
    IdCodec codec = codec();
    for (IdOwner owner : owners()) {
      for (String id : ids().subList(0, 40)) {
        String clientId = codec.encode(owner, id);
        for (int length = 1; length < clientId.length(); length++) {
          String prefix = clientId.substring(0, length);
          Optional<String> decoded = codec.decode(owner, prefix);
          assertTrue(
              decoded.isEmpty() || id.startsWith(decoded.get()),
              () -> prefix + ", a prefix of " + clientId + ", decodes to " + decoded);
        }
      }
    }
  }

  @Test
  void noResultIsNull() {
    IdCodec codec = codec();
    for (IdOwner owner : owners()) {
      for (String id : ids()) {
        assertNotNull(codec.encode(owner, id), () -> "encode(" + owner + ", " + id + ")");
        assertNotNull(codec.decode(owner, id), () -> "decode(" + owner + ", " + id + ")");
      }
    }
  }

  @Test
  void anyStringIsDecodedWithoutAnException() {
    IdCodec codec = codec();
    for (IdOwner owner : owners()) {
      for (String odd :
          List.of("-", ".", "_", "__", "/", "://", " ", "a/b", "é", "x".repeat(10_000), "\u0000")) {
        assertNotNull(codec.decode(owner, odd), () -> "decode(" + owner + ", " + odd + ")");
        boolean unused = codec.isEncoded(odd);
      }
    }
  }

  @Test
  void idsAreTheSameAfterARestart() {
    assertEquals(encodedBy(codec()), encodedBy(codec()));
  }

  @Test
  void manyThreadsGetTheSameIds() throws Exception {
    IdCodec codec = codec();
    List<String> expected = encodedBy(codec());
    Concurrently.run(THREADS, thread -> assertEquals(expected, encodedBy(codec)));
  }

  private List<String> encodedBy(IdCodec codec) {
    List<String> encoded = new ArrayList<>();
    for (IdOwner owner : owners()) {
      ids().forEach(id -> encoded.add(codec.encode(owner, id)));
    }
    return encoded;
  }
}
