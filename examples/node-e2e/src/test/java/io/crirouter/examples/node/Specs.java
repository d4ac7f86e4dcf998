package io.crirouter.examples.node;

/** Pods that several tests use. */
final class Specs {
  /** Probed without its runtime, each second. */
  static final String SERVER =
      """
      containers:
      - name: main
        image: registry.test/busybox:1
        command: [sh, -c, "echo hello; exec httpd -f -p 8080 -h /etc"]
        readinessProbe: {httpGet: {path: /passwd, port: 8080}, periodSeconds: 1, timeoutSeconds: 10}
      """;

  /** Probed through its runtime. */
  static final String PROBED_INSIDE =
      """
      containers:
      - name: main
        image: registry.test/busybox:1
        command: [sleep, "1000"]
        livenessProbe: {exec: {command: ["true"]}, periodSeconds: 2, timeoutSeconds: 10}
      """;

  private Specs() {}
}
