package io.jcompose.images.layer;

import io.jcompose.linux.KernelException;
import java.util.Map;
import jnr.constants.platform.Errno;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets an entry's extended attributes, without those by which an image could steer overlayfs or the
 * unpacker.
 */
record Xattrs(String path) {
  private static final Logger LOG = LoggerFactory.getLogger(Xattrs.class);

  /** Sets one attribute on whatever is meant. */
  interface Target {
    void set(String key, byte[] value);
  }

  void set(Map<String, byte[]> xattrs, Target target) {
    for (Map.Entry<String, byte[]> xattr : xattrs.entrySet()) {
      String key = xattr.getKey();
      if (key.startsWith("trusted.overlay.")
          || key.startsWith("user.overlay.")
          || key.startsWith(LayerMarks.MARKS)) {
        LOG.debug("dropped {} of {}", key, path);
        continue;
      }
      try {
        target.set(key, xattr.getValue());
      } catch (KernelException e) {
        // The file system may lack the kind; user.* is not allowed on links and devices.
        boolean expected = e.is(Errno.EOPNOTSUPP) || (e.is(Errno.EPERM) && key.startsWith("user."));
        if (!expected) {
          throw e;
        }
        LOG.debug("{} of {} is not supported here", key, path);
      }
    }
  }
}
