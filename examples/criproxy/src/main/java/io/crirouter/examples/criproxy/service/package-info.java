/** The life of the proxy in its process: start, serve, stop. */
@NullMarked
package io.crirouter.examples.criproxy.service;

import org.jspecify.annotations.NullMarked;
