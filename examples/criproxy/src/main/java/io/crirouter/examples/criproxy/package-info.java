/** The standalone proxy: what an operator puts between the kubelet and several runtimes. */
@NullMarked
package io.crirouter.examples.criproxy;

import org.jspecify.annotations.NullMarked;
