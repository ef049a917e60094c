package io.jcompose.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Spelling;
import io.jcompose.core.StateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which settings an engine's file may have. As dockerd, the engine does not start with one that it
 * does not know: a slip of the pen in {@code userns-remap} would turn user namespaces off in
 * silence. The same for Docker's own that would change what containers may do or where things lie,
 * and are not carried out; those that only tune Docker are warned about.
 */
final class SettingsKeys {
  private static final Logger LOG = LoggerFactory.getLogger(SettingsKeys.class);

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
    Set<String> seen = new HashSet<>();
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new JcomposeException.InvalidArgument(engineJson + " is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        String place =
            engineJson
                + ":"
                + parser.currentTokenLocation().getLineNr()
                + ":"
                + parser.currentTokenLocation().getColumnNr();
        String problem = seen.add(key) ? problem(key, place) : "the setting is given twice";
        if (!problem.isEmpty()) {
          problems.add(place + ": " + key + ": " + problem);
        }
        parser.nextToken();
        parser.skipChildren();
      }
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(engineJson + ": " + e.getMessage(), e);
    }
    if (!problems.isEmpty()) {
      throw new JcomposeException.InvalidArgument(String.join("\n", problems));
    }
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
