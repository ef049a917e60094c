package io.jcompose.network.driver;

import java.util.Map;

/** The drivers that there are, by Docker's names. */
public final class Drivers {
  private Drivers() {}

  /** True for names of drivers, and for none at all, which is a bridge. */
  public static boolean has(String name) {
    return name.isEmpty() || name.equals("bridge") || name.equals("macvlan");
  }

  /**
   * @throws io.jcompose.core.JcomposeException for options that it does not have
   */
  public static Driver of(String name, Map<String, String> options) {
    return name.equals("macvlan")
        ? new Macvlan(DriverOptions.ofMacvlan(options))
        : new Bridge(DriverOptions.ofBridge(options));
  }
}
