package io.jcompose.scheduler.desired;

import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;

/** Spellings of images' names. Stateless. */
final class ImageNames {
  private ImageNames() {}

  /** One text for all spellings of a name. */
  static String full(String reference) {
    try {
      return ImageReference.parse(reference).toString();
    } catch (JcomposeException.InvalidArgument e) {
      return reference; // an id
    }
  }
}
