package io.jcompose.images.layer;

import io.jcompose.linux.file.DirectoryFd;

/** Extended attributes by which an unpacked layer tells what of it came from elsewhere. */
final class LayerMarks {
  /** How the extended attributes begin that no layer may set. */
  static final String MARKS = "trusted.jcompose.";

  static final String IMPLIED = MARKS + "implied";
  static final String BORROWED = MARKS + "borrowed";
  static final byte[] MARK = {'y'};

  private LayerMarks() {}

  static boolean isImplied(DirectoryFd directory) {
    return directory.hasXattr(IMPLIED);
  }
}
