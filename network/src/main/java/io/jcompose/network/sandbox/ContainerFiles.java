package io.jcompose.network.sandbox;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.network.Sandbox.FileContent;
import io.jcompose.network.SandboxRequest;
import io.jcompose.network.dns.Resolvers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The content of a container's /etc/hosts and /etc/resolv.conf, in Docker's form. */
public final class ContainerFiles {
  private static final String LOOPBACK =
      """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      fe00::\tip6-localnet
      ff00::\tip6-mcastprefix
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters
      """;
  private static final String GATEWAY = "host-gateway";
  private static final int COPY_BYTES = 16 * 1024;

  private ContainerFiles() {}

  /**
   * The hosts file of a container with a network of its own.
   *
   * @param gateway stands for {@code host-gateway}; empty when there is none
   * @param addresses the container's, in the order of its interfaces
   */
  static FileContent hosts(SandboxRequest request, String gateway, List<String> addresses) {
    StringBuilder text = new StringBuilder(LOOPBACK);
    extraHosts(text, request.networking().extraHosts(), gateway);
    appendOwn(text, addresses, request.hostname(), request.domainname());
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    return file -> Files.write(file, bytes);
  }

  /**
   * A hosts file that its container may have edited, without the lines of some addresses of its own
   * and with those of others.
   */
  public static String changed(
      String hosts, List<String> gone, List<String> come, String hostname, String domainname) {
    StringBuilder text = new StringBuilder();
    hosts
        .lines()
        .filter(line -> gone.stream().noneMatch(address -> line.startsWith(address + "\t")))
        .forEach(line -> text.append(line).append('\n'));
    appendOwn(text, come, hostname, domainname);
    return text.toString();
  }

  private static void appendOwn(
      StringBuilder text, List<String> addresses, String hostname, String domainname) {
    String own = String.join(" ", ownNames(hostname, domainname));
    for (String address : addresses) {
      text.append(address).append('\t').append(own).append('\n');
    }
  }

  /** The whole name first, then the hostname and its first part, whichever way it was given. */
  private static Set<String> ownNames(String hostname, String domainname) {
    Set<String> names = new LinkedHashSet<>();
    names.add(domainname.isEmpty() ? hostname : hostname + "." + domainname);
    names.add(hostname);
    int dot = hostname.indexOf('.');
    if (dot > 0) {
      names.add(hostname.substring(0, dot));
    }
    return names;
  }

  /**
   * The host's own file and the extra hosts, for a container in the host's network. Lists of names
   * to keep out make it as large as megabytes, of whatever encoding: it is copied, and not kept.
   */
  static FileContent hostHosts(Path hosts, List<String> extraHosts) {
    StringBuilder text = new StringBuilder();
    extraHosts(text, extraHosts, "127.0.0.1");
    byte[] extra = text.toString().getBytes(StandardCharsets.UTF_8);
    return file -> {
      try (OutputStream out = Files.newOutputStream(file)) {
        copy(hosts, out);
        out.write(extra);
      }
    };
  }

  /** Ends with a line's end. */
  private static void copy(Path hosts, OutputStream out) throws IOException {
    byte[] buffer = new byte[COPY_BYTES];
    int last = '\n';
    try (InputStream in = Files.newInputStream(hosts)) {
      for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        last = buffer[count - 1];
      }
    } catch (NoSuchFileException e) {
      out.write(LOOPBACK.getBytes(StandardCharsets.UTF_8));
    }
    if (last != '\n') {
      out.write('\n');
    }
  }

  /** The resolver configuration that points to the engine's name server. */
  static byte[] resolvConf(Networking networking, Resolvers host) {
    List<String> options = new ArrayList<>(networking.dnsOptions());
    boolean ownNdots = options.stream().anyMatch(option -> option.startsWith("ndots:"));
    if (networking.dnsOptions().isEmpty()) {
      host.options().stream().filter(option -> !option.startsWith("ndots:")).forEach(options::add);
    }
    if (!ownNdots) {
      options.add("ndots:0");
    }
    return text(List.of("127.0.0.11"), search(networking, host), options);
  }

  /** The host's resolver configuration with the container's own settings over it. */
  static byte[] hostResolvConf(Networking networking, Resolvers host) {
    List<String> servers = networking.dns().isEmpty() ? host.nameServers() : networking.dns();
    List<String> options =
        networking.dnsOptions().isEmpty() ? host.options() : networking.dnsOptions();
    return text(servers, search(networking, host), options);
  }

  private static List<String> search(Networking networking, Resolvers host) {
    List<String> search = networking.dnsSearch();
    if (search.equals(List.of("."))) {
      return List.of();
    }
    return search.isEmpty() ? host.search() : search;
  }

  private static byte[] text(List<String> servers, List<String> search, List<String> options) {
    StringBuilder text = new StringBuilder("# Generated by jcompose.\n");
    servers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
    if (!search.isEmpty()) {
      text.append("search ").append(String.join(" ", search)).append('\n');
    }
    if (!options.isEmpty()) {
      text.append("options ").append(String.join(" ", options)).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void extraHosts(StringBuilder text, List<String> extraHosts, String gateway) {
    for (String line : extraHosts) {
      int separator = line.indexOf(line.indexOf('=') > 0 ? '=' : ':');
      if (separator <= 0 || separator == line.length() - 1) {
        throw new JcomposeException.InvalidArgument("bad format for add-host: \"" + line + "\"");
      }
      String address = line.substring(separator + 1);
      if (address.startsWith("[") && address.endsWith("]")) {
        address = address.substring(1, address.length() - 1);
      }
      if (address.equals(GATEWAY)) {
        if (gateway.isEmpty()) {
          throw new JcomposeException.InvalidArgument(
              "unable to derive the IP value for host-gateway: the container has no gateway");
        }
        address = gateway;
      }
      checkAddress(address, line);
      text.append(address).append('\t').append(line, 0, separator).append('\n');
    }
  }

  private static void checkAddress(String address, String line) {
    try {
      InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      throw new JcomposeException.InvalidArgument(
          "invalid IP address in add-host: \"" + address + "\" in \"" + line + "\"", e);
    }
  }
}
