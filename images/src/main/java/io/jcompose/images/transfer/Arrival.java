package io.jcompose.images.transfer;

import io.jcompose.core.ImageReference;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Takes in images whose documents and layers are in the content store. */
@FunctionalInterface
public interface Arrival {
  /**
   * Unpacks an image and lists it.
   *
   * @param reference null leaves it without a name
   * @return its id
   */
  String takeIn(@Nullable ImageReference reference, byte[] manifest) throws IOException;
}
