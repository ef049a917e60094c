package io.jcompose.network.sandbox;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The option {@code com.docker.network.endpoint.sysctls} of an endpoint: settings of its own
 * interface, {@code net.ipv4.conf.IFNAME.log_martians=1,…}. Other options are refused. Pure.
 */
final class EndpointSysctls {
  private static final String OPTION = "com.docker.network.endpoint.sysctls";
  private static final Pattern SETTING =
      Pattern.compile("net\\.(ipv4|ipv6|mpls)\\.(conf|neigh)\\.IFNAME\\.([a-z0-9_]+)=(.*)");

  private EndpointSysctls() {}

  /** The settings, for an interface of this name. */
  static List<Sysctl> of(EndpointOptions options, String interfaceName) {
    List<Sysctl> settings = new ArrayList<>();
    for (Map.Entry<String, String> option : options.driverOptions().entrySet()) {
      if (!option.getKey().equals(OPTION)) {
        throw new JcomposeException.NotSupported(
            "endpoint option " + option.getKey() + " is not supported; " + OPTION + " is");
      }
      for (String text : option.getValue().split(",")) {
        Matcher setting = SETTING.matcher(text.strip());
        if (!setting.matches()) {
          throw new JcomposeException.InvalidArgument(
              "invalid endpoint sysctl \""
                  + text
                  + "\"; it is net.ipv4.conf.IFNAME.<name>=<value>, or ipv6, mpls, neigh");
        }
        String file =
            String.join("/", setting.group(1), setting.group(2), interfaceName, setting.group(3));
        settings.add(new Sysctl(file, setting.group(4)));
      }
    }
    return settings;
  }
}
