/** Installs the proxy between the kubelet of a node and its runtime, and uninstalls it. */
@NullMarked
package io.crirouter.examples.criproxy.bootstrap;

import org.jspecify.annotations.NullMarked;
