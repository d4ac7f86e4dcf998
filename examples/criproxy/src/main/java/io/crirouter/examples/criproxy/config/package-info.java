/** The configuration of the proxy: reading, checking and documenting it. */
@NullMarked
package io.crirouter.examples.criproxy.config;

import org.jspecify.annotations.NullMarked;
