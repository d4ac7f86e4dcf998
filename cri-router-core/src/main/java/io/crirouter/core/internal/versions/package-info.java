/** Conversion of requests to the version of CRI before v1. Exported to cri-router-grpc only. */
@NullMarked
package io.crirouter.core.internal.versions;

import org.jspecify.annotations.NullMarked;
