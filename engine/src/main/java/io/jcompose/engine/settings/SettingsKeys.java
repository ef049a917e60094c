package io.jcompose.engine.settings;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Spelling;
import io.jcompose.core.file.StateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which settings an engine's file may have. As dockerd, the engine does not start with one that it
 * does not know: a slip of the pen in {@code userns-remap} would turn user namespaces off in
 * silence. The same for Docker's own that would change what containers may do or where things lie,
 * and are not carried out, and for values of another kind, a string for a list, say; those that
 * only tune Docker are warned about.
 */
public final class SettingsKeys {
  private static final Logger LOG = LoggerFactory.getLogger(SettingsKeys.class);

  private static final Set<JsonToken> LIST = Set.of(JsonToken.START_ARRAY);
  private static final Set<JsonToken> OBJECT = Set.of(JsonToken.START_OBJECT);
  private static final Set<JsonToken> TEXT = Set.of(JsonToken.VALUE_STRING);
  private static final Set<JsonToken> FLAG = Set.of(JsonToken.VALUE_TRUE, JsonToken.VALUE_FALSE);

  private static final Set<JsonToken> NUMBER = Set.of(JsonToken.VALUE_NUMBER_INT);

  /**
   * What is carried out, each with the kinds that its value may have: one of another kind would be
   * read as if it were not there. docs/engine-json.md explains them in the same order.
   */
  static final Map<String, Set<JsonToken>> CARRIED_OUT =
      table(
          Map.entry("data-root", TEXT),
          Map.entry("debug", FLAG),
          Map.entry("default-address-pools", LIST),
          Map.entry("default-network-opts", OBJECT),
          Map.entry("default-runtime", TEXT),
          Map.entry("default-shm-size", Set.of(JsonToken.VALUE_STRING, JsonToken.VALUE_NUMBER_INT)),
          Map.entry("default-ulimits", OBJECT),
          Map.entry("dns", LIST),
          Map.entry("dns-opts", LIST),
          Map.entry("dns-search", LIST),
          Map.entry("init", FLAG),
          Map.entry("insecure-registries", LIST),
          Map.entry("ip", TEXT),
          Map.entry("ip-forward-no-drop", FLAG),
          Map.entry("labels", LIST),
          Map.entry("live-restore", FLAG),
          Map.entry("log-driver", TEXT),
          Map.entry("log-level", TEXT),
          Map.entry("log-opts", OBJECT),
          Map.entry("max-concurrent-downloads", NUMBER),
          Map.entry("mtu", NUMBER),
          Map.entry("no-new-privileges", FLAG),
          Map.entry("registry-certificates", TEXT),
          Map.entry("registry-mirrors", Set.of(JsonToken.START_ARRAY, JsonToken.START_OBJECT)),
          Map.entry("runtimes", OBJECT),
          Map.entry("selinux-enabled", FLAG),
          Map.entry("shutdown-timeout", NUMBER),
          Map.entry("userns-remap", TEXT));

  /** Of dockerd(8), without effect here: there is nothing to tune, or it is always so. */
  static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "builder",
          "exec-opts",
          "experimental",
          "features",
          "max-concurrent-uploads",
          "max-download-attempts",
          "pidfile",
          "storage-driver",
          "userland-proxy",
          "userland-proxy-path");

  /** Why some are not carried out, or what to do instead; the others would change what is safe. */
  private static final Map<String, String> INSTEAD =
      Map.of(
          "bip", "there is no default bridge; default-address-pools says what networks take",
          "fixed-cidr", "there is no default bridge; default-address-pools says what networks take",
          "bridge", "there is no default bridge; each project has a network of its own",
          "hosts", "the socket is engine.sock in the run root, and the network reaches it by ssh",
          "group", "the socket's group is jcompose",
          "iptables", "the engine keeps one nftables table of its own and no other's",
          "log-format", "the engine's log is text; the journal has it with its fields");

  private static final String NOT_CARRIED_OUT =
      "allow-nondistributable-artifacts authorization-plugins bip bridge cgroup-parent containerd"
          + " containerd-namespace cpu-rt-period cpu-rt-runtime default-cgroupns-mode"
          + " default-gateway default-gateway-v6 default-ipc-mode exec-root fixed-cidr"
          + " fixed-cidr-v6 group host-gateway-ips hosts icc init-path ip-forward ip-masq ip6tables"
          + " iptables ipv6 log-format metrics-addr node-generic-resources oom-score-adjust proxies"
          + " raw-logs seccomp-profile storage-opts swarm-default-advertise-addr tls tlscacert"
          + " tlscert tlskey tlsverify";

  @SafeVarargs
  private static Map<String, Set<JsonToken>> table(Map.Entry<String, Set<JsonToken>>... rows) {
    Map<String, Set<JsonToken>> table = new LinkedHashMap<>();
    for (Map.Entry<String, Set<JsonToken>> row : rows) {
      table.put(row.getKey(), row.getValue());
    }
    return Collections.unmodifiableMap(table);
  }

  private SettingsKeys() {}

  /**
   * Refuses a file with a setting that would be ignored; a missing or empty file is fine.
   *
   * @throws JcomposeException.InvalidArgument with all such settings, as {@code file:line:column}
   */
  public static void check(Path engineJson) {
    byte[] text = StateFile.read(engineJson).orElse(new byte[0]);
    if (text.length == 0) {
      return;
    }
    List<String> problems = new ArrayList<>();
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      look(parser, engineJson, problems);
    } catch (JsonProcessingException e) {
      throw new JcomposeException.InvalidArgument(
          place(engineJson, e.getLocation()) + ": no JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(engineJson + ": " + e.getMessage(), e);
    }
    if (!problems.isEmpty()) {
      throw new JcomposeException.InvalidArgument(String.join("\n", problems));
    }
  }

  private static void look(JsonParser parser, Path engineJson, List<String> problems)
      throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new JcomposeException.InvalidArgument(engineJson + " is not a JSON object");
    }
    Set<String> seen = new HashSet<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      String place = place(engineJson, parser.currentTokenLocation());
      String problem = seen.add(key) ? problem(key, place) : "the setting is given twice";
      JsonToken value = parser.nextToken();
      if (problem.isEmpty() && CARRIED_OUT.containsKey(key)) {
        problem = wrongKind(CARRIED_OUT.get(key), value);
      }
      if (!problem.isEmpty()) {
        problems.add(place + ": " + key + ": " + problem);
      }
      parser.skipChildren();
    }
  }

  private static String place(Path file, JsonLocation location) {
    return file + ":" + location.getLineNr() + ":" + location.getColumnNr();
  }

  private static String wrongKind(Set<JsonToken> kinds, JsonToken value) {
    if (kinds.contains(value)) {
      return "";
    }
    if (kinds.equals(FLAG)) {
      return "give true or false";
    }
    if (kinds.equals(TEXT)) {
      return "give a text, in double quotes";
    }
    if (kinds.equals(NUMBER)) {
      return "give a whole number";
    }
    if (kinds.contains(JsonToken.VALUE_NUMBER_INT)) {
      return "give a size, such as \"64m\"";
    }
    return kinds.equals(OBJECT) ? "give an object, {…}" : "give a list, […]";
  }

  private static String problem(String key, String place) {
    if (CARRIED_OUT.containsKey(key)) {
      return "";
    }
    if (WITHOUT_EFFECT.contains(key)) {
      LOG.warn("{}: {} has no effect", place, key);
      return "";
    }
    if (List.of(NOT_CARRIED_OUT.split(" ")).contains(key)) {
      return "this setting of Docker's is not carried out; "
          + (INSTEAD.containsKey(key) ? INSTEAD.get(key) + ": " : "")
          + "take it out";
    }
    return Spelling.closest(key, CARRIED_OUT.keySet())
        .map(known -> "there is no such setting; did you mean " + known + "?")
        .orElse("there is no such setting; docs/engine-json.md lists them");
  }
}
