package io.jcompose.linux.mount;

import io.jcompose.linux.KernelException;

/** What the running kernel's overlayfs can. */
public final class Overlays {
  private Overlays() {}

  /** Whether it takes layers one by one (Linux 6.7), and not in one option of a page at most. */
  public static boolean takeLayerByLayer() {
    return Known.LAYER_BY_LAYER;
  }

  private static final class Known {
    static final boolean LAYER_BY_LAYER = ask();

    private static boolean ask() {
      try {
        return OverlayMount.takesLayerByLayer();
      } catch (KernelException e) { // not even asked without privilege
        return false;
      }
    }
  }
}
