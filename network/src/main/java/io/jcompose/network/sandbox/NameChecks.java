package io.jcompose.network.sandbox;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/**
 * Refuses settings of names that would add lines or words of their own to a container's
 * /etc/resolv.conf, /etc/hosts and /etc/hostname, or that mean nothing there. Pure.
 */
public final class NameChecks {
  /** What man 2 sethostname takes. */
  private static final int HOST_NAME_BYTES = 64;

  private NameChecks() {}

  public static void check(Networking networking, String hostname, String domainname) {
    name("hostname", hostname);
    name("domainname", domainname);
    networking.dns().forEach(NameChecks::server);
    networking.dnsSearch().forEach(domain -> word("dns_search", domain));
    networking.dnsOptions().forEach(option -> word("dns_opt", option));
    for (String line : networking.extraHosts()) {
      if (line.chars().anyMatch(Character::isISOControl)) {
        throw invalid("extra_hosts", line, "a line holds no control characters");
      }
    }
  }

  private static void name(String setting, String name) {
    if (name.isEmpty()) {
      return;
    }
    word(setting, name);
    if (name.getBytes(StandardCharsets.UTF_8).length > HOST_NAME_BYTES) {
      throw invalid(setting, name, "it has at most " + HOST_NAME_BYTES + " bytes");
    }
  }

  private static void word(String setting, String word) {
    boolean whole =
        !word.isEmpty()
            && word.chars()
                .noneMatch(each -> Character.isWhitespace(each) || Character.isISOControl(each));
    if (!whole) {
      throw invalid(setting, word, "it is one word, without spaces and line breaks");
    }
  }

  private static void server(String server) {
    int zone = server.indexOf('%');
    word("dns", server);
    try {
      InetAddress.ofLiteral(zone < 0 ? server : server.substring(0, zone));
    } catch (IllegalArgumentException e) {
      throw invalid("dns", server, "it is the IP address of a name server");
    }
  }

  private static JcomposeException.InvalidArgument invalid(
      String setting, String value, String rule) {
    return new JcomposeException.InvalidArgument(
        "invalid " + setting + " \"" + printable(value) + "\": " + rule);
  }

  private static String printable(String value) {
    return value.replace("\n", "\\n").replaceAll("\\p{Cntrl}", "?");
  }
}
