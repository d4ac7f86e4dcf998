package org.example.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlGroupTest {
  @ParameterizedTest
  @CsvSource({
    "/kubepods/burstable/pod1, /kubepods/burstable/pod1",
    "kubepods/pod1,            /kubepods/pod1",
    "kubepods-pod1.slice,      /kubepods.slice/kubepods-pod1.slice",
    "a-b-c.slice,              /a.slice/a-b.slice/a-b-c.slice",
    "a.slice,                  /a.slice",
  })
  void aSliceIsAPathOfSlices(String parent, String path) {
    assertEquals(path, new ControlGroup(parent).path());
  }
}
