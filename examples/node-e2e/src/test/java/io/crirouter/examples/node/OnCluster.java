package io.crirouter.examples.node;

import io.crirouter.testkit.containerd.ContainerdInstance;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests on the shared cluster. */
@ExtendWith(SharedCluster.class)
@TestInstance(Lifecycle.PER_CLASS)
abstract class OnCluster {
  final Cluster cluster;
  private final List<EverywherePods> pods = new ArrayList<>();

  OnCluster(Cluster cluster) {
    this.cluster = cluster;
  }

  /** The same pod at every place. They are deleted when all tests of the class have ended. */
  final EverywherePods everywhere(String name, String spec) {
    return at(name, spec, Place.values());
  }

  /** The same pod at some places. */
  final EverywherePods at(String name, String spec, Place... places) {
    EverywherePods created = EverywherePods.create(cluster, name, spec, places);
    pods.add(created);
    return created;
  }

  /** A test that has failed half-way must not fail the others. */
  @AfterEach
  final void bringBackWhoIsAway() {
    for (Place place : Place.values()) {
      ContainerdInstance runtime = place.runtime(cluster);
      if (!runtime.isAlive()) {
        runtime.restart();
      }
      runtime.resume();
    }
    if (!cluster.routed().proxy().isAlive()) {
      cluster.routed().proxy().start();
    }
    cluster.nodes().forEach(cluster::awaitReady);
  }

  /** A kubelet takes ten seconds to delete a pod, and as long for many. */
  @AfterAll
  final void deletePods() {
    beforeDeletion();
    pods.forEach(EverywherePods::delete);
    pods.forEach(EverywherePods::awaitGone);
    afterDeletion();
  }

  /** The pods that the tests have left. */
  final List<EverywherePods> pods() {
    return List.copyOf(pods);
  }

  void beforeDeletion() {}

  void afterDeletion() {}
}
