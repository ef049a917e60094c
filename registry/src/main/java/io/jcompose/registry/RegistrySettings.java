package io.jcompose.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.repository.Upstream;
import io.jcompose.registry.answer.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a registry is served. Immutable.
 *
 * @param host an address: 127.0.0.1, ::1, 0.0.0.0
 * @param port 0 for any, in tests
 * @param names further ones that a certificate that is made here has
 * @param certificate file of a certificate of one's own; empty for one that is made here
 * @param key file of its key
 * @param everybodyReads without a login
 * @param untaggedDays how long manifests are kept that have no tag; negative for ever
 * @param upstreams other registries whose images are fetched through this one
 */
public record RegistrySettings(
    String host,
    int port,
    List<String> names,
    String certificate,
    String key,
    boolean everybodyReads,
    int untaggedDays,
    List<Upstream> upstreams) {
  public static final RegistrySettings DEFAULT =
      new RegistrySettings("127.0.0.1", 5000, List.of(), "", "", false, 7, List.of());

  private static final Pattern ADDRESS =
      Pattern.compile("(?:(\\[[0-9a-fA-F:]+]|[0-9.]+|localhost):)?([0-9]{1,5})");
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");

  public RegistrySettings {
    names = List.copyOf(names);
    upstreams = upstreams.stream().distinct().toList();
    if (port > 65535) {
      throw new JcomposeException.InvalidArgument("port " + port + " is above 65535");
    }
    if (certificate.isEmpty() != key.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "a certificate and its key go together: --tls-cert and --tls-key");
    }
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new JcomposeException.InvalidArgument("invalid name of a host: " + name);
      }
    }
  }

  /** The same at another place, {@code [ADDRESS:]PORT}; IPv6 addresses are in brackets. */
  public RegistrySettings at(String address) {
    Matcher matcher = ADDRESS.matcher(address);
    if (!matcher.matches()) {
      throw new JcomposeException.InvalidArgument(
          "invalid address \"" + address + "\": [ADDRESS:]PORT is expected, 127.0.0.1:5000");
    }
    String given = matcher.group(1) == null ? host : matcher.group(1).replaceAll("[\\[\\]]", "");
    return new RegistrySettings(
        given.equals("localhost") ? "127.0.0.1" : given,
        Integer.parseInt(matcher.group(2)),
        names,
        certificate,
        key,
        everybodyReads,
        untaggedDays,
        upstreams);
  }

  /** The same with other registries, {@code host} or {@code host:port} each, to fetch from. */
  public RegistrySettings fetchingFrom(List<String> hosts) {
    return new RegistrySettings(
        host,
        port,
        names,
        certificate,
        key,
        everybodyReads,
        untaggedDays,
        hosts.stream().map(Upstream::new).toList());
  }

  /** By the host of each upstream, the first part of its repositories' names here. */
  public Map<String, String> upstreamPrefixes() {
    Map<String, String> prefixes = new LinkedHashMap<>();
    upstreams.forEach(upstream -> prefixes.put(upstream.host(), upstream.prefix()));
    return prefixes;
  }

  boolean isLoopback() {
    return host.startsWith("127.") || host.equals("::1");
  }

  boolean isEverywhere() {
    return host.equals("0.0.0.0") || host.equals("::");
  }

  boolean isSecure() {
    return !certificate.isEmpty() || !isLoopback();
  }

  byte[] toJson(boolean serving) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("version", 1);
    members.put("serving", serving);
    members.put("host", host);
    members.put("port", port);
    members.put("names", names);
    members.put("certificate", certificate);
    members.put("key", key);
    members.put("everybodyReads", everybodyReads);
    members.put("untaggedDays", untaggedDays);
    members.put("upstreams", upstreams.stream().map(Upstream::host).toList());
    return JsonText.of(members);
  }

  static RegistrySettings of(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.path("names").forEach(name -> names.add(name.asText()));
    List<Upstream> upstreams = new ArrayList<>();
    node.path("upstreams").forEach(host -> upstreams.add(new Upstream(host.asText())));
    return new RegistrySettings(
        node.path("host").asText(DEFAULT.host),
        node.path("port").asInt(DEFAULT.port),
        names,
        node.path("certificate").asText(""),
        node.path("key").asText(""),
        node.path("everybodyReads").asBoolean(),
        node.path("untaggedDays").asInt(DEFAULT.untaggedDays),
        upstreams);
  }
}
