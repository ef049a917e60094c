package io.jcompose.api.template;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is not there and prints otherwise than a nil pointer, which is null here. Docker's objects
 * are typed: a nil slice prints as an empty one, while JSON says null for all. But for its text
 * each is as good as null. Immutable.
 */
enum Nothing {
  /** A key that a map of the user's lacks. */
  VALUE("<no value>"),
  LIST("[]"),
  MAP("map[]"),
  /** What {@code index} gives of an empty map, of whose values no kind is known. */
  ELEMENT("");

  /** Members of Docker's objects that are slices, and null in its JSON while nil. */
  private static final Set<String> LISTS =
      Set.of(
          "Aliases",
          "Args",
          "Binds",
          "CapAdd",
          "CapDrop",
          "Cmd",
          "DNSNames",
          "DeviceCgroupRules",
          "DeviceRequests",
          "Devices",
          "Dns",
          "DnsOptions",
          "DnsSearch",
          "Entrypoint",
          "Env",
          "ExecIDs",
          "ExtraHosts",
          "GroupAdd",
          "Links",
          "MaskedPaths",
          "Mounts",
          "OnBuild",
          "ReadonlyPaths",
          "SecondaryIPAddresses",
          "SecondaryIPv6Addresses",
          "SecurityOpt",
          "Shell",
          "Ulimits",
          "VolumesFrom");

  private static final Set<String> MAPS =
      Set.of(
          "Annotations",
          "Data",
          "DriverOpts",
          "ExposedPorts",
          "Labels",
          "Options",
          "PortBindings",
          "StorageOpt",
          "Sysctls",
          "Tmpfs",
          "Volumes");

  private final String text;

  Nothing(String text) {
    this.text = text;
  }

  /** What a member of Docker's that is nil is; null is a pointer. */
  static @Nullable Nothing ofMember(String name) {
    return LISTS.contains(name) ? LIST : MAPS.contains(name) ? MAP : null;
  }

  /** The value for whoever does not print it. */
  static @Nullable Object orNull(@Nullable Object value) {
    return value instanceof Nothing ? null : value;
  }

  /** As fmt prints it. */
  @Override
  public String toString() {
    return text;
  }
}
