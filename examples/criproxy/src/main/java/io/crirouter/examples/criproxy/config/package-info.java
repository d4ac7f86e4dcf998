/** What the proxy is told to do, by a file and by options, and where it is wrong. */
@NullMarked
package io.crirouter.examples.criproxy.config;

import org.jspecify.annotations.NullMarked;
