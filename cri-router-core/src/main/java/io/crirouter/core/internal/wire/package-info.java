/**
 * The protobuf wire format, read and spliced without decoding: what a message does not have to
 * change keeps its bytes, unknown fields included.
 */
@NullMarked
package io.crirouter.core.internal.wire;

import org.jspecify.annotations.NullMarked;
