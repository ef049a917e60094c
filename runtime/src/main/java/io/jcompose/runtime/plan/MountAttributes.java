package io.jcompose.runtime.plan;

/** What holds of a mount, as bits: MOUNT_ATTR_… of man 2 mount_setattr. */
public final class MountAttributes {
  public static final int RDONLY = 1;
  public static final int NOSUID = 2;
  public static final int NODEV = 4;
  public static final int NOEXEC = 8;
  public static final int NOATIME = 0x10;
  public static final int STRICTATIME = 0x20;
  public static final int NODIRATIME = 0x80;
  public static final int NOSYMFOLLOW = 0x200000;

  private MountAttributes() {}
}
