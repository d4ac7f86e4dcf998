/**
 * The protobuf wire format, read and edited without decoding. Fields that are not changed keep
 * their bytes, unknown fields too.
 */
@NullMarked
package io.crirouter.core.internal.wire;

import org.jspecify.annotations.NullMarked;
