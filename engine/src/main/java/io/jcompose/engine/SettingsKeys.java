package io.jcompose.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Spelling;
import io.jcompose.core.StateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which settings an engine's file may have. As dockerd, the engine does not start with one that it
 * does not know: a slip of the pen in {@code userns-remap} would turn user namespaces off in
 * silence. The same for Docker's own that would change what containers may do or where things lie,
 * and are not carried out, and for values of another kind, a text for a list, say; those that only
 * tune Docker are warned about.
 */
final class SettingsKeys {
  private static final Logger LOG = LoggerFactory.getLogger(SettingsKeys.class);

  private static final Set<JsonToken> LIST = Set.of(JsonToken.START_ARRAY);
  private static final Set<JsonToken> OBJECT = Set.of(JsonToken.START_OBJECT);
  private static final Set<JsonToken> TEXT = Set.of(JsonToken.VALUE_STRING);
  private static final Set<JsonToken> FLAG = Set.of(JsonToken.VALUE_TRUE, JsonToken.VALUE_FALSE);

  /** What values are; one of another kind would be read as if it were not there. */
  private static final Map<String, Set<JsonToken>> KINDS =
      Map.of(
          "registry-mirrors", Set.of(JsonToken.START_ARRAY, JsonToken.START_OBJECT),
          "insecure-registries", LIST,
          "registry-certificates", TEXT,
          "runtimes", OBJECT,
          "selinux-enabled", FLAG,
          "ip-forward-no-drop", FLAG,
          "userns-remap", TEXT);

  private static final List<String> KNOWN =
      List.of(
          "registry-mirrors",
          "insecure-registries",
          "registry-certificates",
          "runtimes",
          "selinux-enabled",
          "ip-forward-no-drop",
          "userns-remap");

  /** Of dockerd(8), without effect here: there is nothing to tune, or it is always so. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "builder",
          "debug",
          "experimental",
          "features",
          "live-restore",
          "log-level",
          "max-concurrent-downloads",
          "max-concurrent-uploads",
          "max-download-attempts",
          "pidfile",
          "shutdown-timeout",
          "storage-driver",
          "userland-proxy",
          "userland-proxy-path");

  private static final String NOT_CARRIED_OUT =
      "allow-nondistributable-artifacts authorization-plugins bip bridge cgroup-parent containerd"
          + " containerd-namespace cpu-rt-period cpu-rt-runtime data-root default-address-pools"
          + " default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode"
          + " default-network-opts default-runtime default-shm-size default-ulimits dns dns-opts"
          + " dns-search exec-opts exec-root fixed-cidr fixed-cidr-v6 group host-gateway-ips hosts"
          + " icc init init-path ip ip-forward ip-masq ip6tables iptables ipv6 labels log-driver"
          + " log-format log-opts metrics-addr mtu no-new-privileges node-generic-resources"
          + " oom-score-adjust proxies raw-logs seccomp-profile storage-opts"
          + " swarm-default-advertise-addr tls tlscacert tlscert tlskey tlsverify";

  private SettingsKeys() {}

  /**
   * Refuses a file with a setting that would be ignored; a missing or empty file is fine.
   *
   * @throws JcomposeException.InvalidArgument with all such settings, as {@code file:line:column}
   */
  static void check(Path engineJson) {
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
      if (problem.isEmpty() && KINDS.containsKey(key)) {
        problem = wrongKind(KINDS.get(key), value);
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
    return kinds.equals(OBJECT) ? "give an object, {…}" : "give a list, […]";
  }

  private static String problem(String key, String place) {
    if (KNOWN.contains(key)) {
      return "";
    }
    if (WITHOUT_EFFECT.contains(key)) {
      LOG.warn("{}: {} has no effect", place, key);
      return "";
    }
    if (List.of(NOT_CARRIED_OUT.split(" ")).contains(key)) {
      return "this setting of Docker's is not carried out; take it out";
    }
    return Spelling.closest(key, KNOWN)
        .map(known -> "there is no such setting; did you mean " + known + "?")
        .orElse("there is no such setting; there are " + String.join(", ", KNOWN));
  }
}
