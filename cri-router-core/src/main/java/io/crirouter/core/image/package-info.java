/** Whose image: the calls of the image service that are about one image. */
@NullMarked
package io.crirouter.core.image;

import org.jspecify.annotations.NullMarked;
