/** The lifecycle of the proxy in its process: start, serve, reload, stop. */
@NullMarked
package io.crirouter.examples.criproxy.service;

import org.jspecify.annotations.NullMarked;
