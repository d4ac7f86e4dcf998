/** Puts the proxy between the kubelet of a node and its runtime, and takes it off again. */
@NullMarked
package io.crirouter.examples.criproxy.bootstrap;

import org.jspecify.annotations.NullMarked;
