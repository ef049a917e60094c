package io.jcompose.compose.rules;

import io.jcompose.compose.schema.PortSyntax;
import io.jcompose.compose.tree.IpText;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Values;
import io.jcompose.core.ByteSize;
import io.jcompose.core.JcomposeException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks values of one service that the schema leaves free, but that an engine refuses when a
 * container is made: they are all found before anything is. Values that nothing on one host reads
 * are only warned about.
 */
final class EngineRules {
  private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}");
  private static final Pattern SIGNAL_NUMBER = Pattern.compile("[1-9]|[1-5][0-9]|6[0-4]");
  private static final Pattern REALTIME_SIGNAL = Pattern.compile("RT(MIN|MAX)([+-]\\d{1,2})?");

  /** signal(7), for the architectures in use. */
  private static final List<String> SIGNALS =
      List.of(
          "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ"
              .split(" "));

  /** capabilities(7). */
  private static final List<String> CAPABILITIES =
      List.of(
          "ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM"
              .split(" "));

  /** setrlimit(2). */
  private static final List<String> ULIMITS =
      List.of(
          "as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack"
              .split(" "));

  private static final List<String> PROPAGATION =
      List.of("private", "rprivate", "shared", "rshared", "slave", "rslave");
  private static final List<String> PROTOCOLS = List.of("tcp", "udp", "sctp");

  private final String name;
  private final MapNode service;
  private final String path;
  private final Problems problems;

  EngineRules(String name, MapNode service, Problems problems) {
    this.name = name;
    this.service = service;
    this.path = "services." + name;
    this.problems = problems;
  }

  void check() {
    mode("ipc", "IPC", List.of("none", "private", "host", "shareable"));
    mode("pid", "PID", List.of("host"));
    mode("uts", "UTS", List.of("host"));
    capabilities("cap_add");
    capabilities("cap_drop");
    ulimits();
    signal();
    numbers();
    storage();
    ports();
    addresses();
    mounts();
    ignored();
  }

  private void mode(String key, String word, List<String> known) {
    String mode = service.text(key);
    boolean shared = mode.startsWith("container:") || mode.startsWith("service:");
    if (!mode.isEmpty() && !shared && !known.contains(mode)) {
      problems.refuse(
          name,
          service.get(key),
          path + "." + key,
          "invalid " + word + " mode: " + mode + Problems.suggestion(mode, known));
    }
  }

  private void capabilities(String key) {
    for (Node item : service.list(key)) {
      String given = item instanceof Scalar scalar ? scalar.text() : "";
      String upper = given.toUpperCase(Locale.ROOT);
      String bare = upper.startsWith("CAP_") ? upper.substring(4) : upper;
      if (!CAPABILITIES.contains(bare)) {
        problems.refuse(
            name,
            item,
            path + "." + key,
            "invalid capability: \"" + given + "\"" + Problems.suggestion(bare, CAPABILITIES));
      }
    }
  }

  private void ulimits() {
    MapNode all = service.map("ulimits");
    if (all == null) {
      return;
    }
    all.entries.forEach(
        (key, node) -> {
          if (!key.startsWith("x-") && !ULIMITS.contains(key)) {
            problems.refuse(
                name,
                node,
                path + ".ulimits." + key,
                "invalid ulimit type: " + key + Problems.suggestion(key, ULIMITS));
          }
          Values limit = Values.of(node, all);
          long soft = limit.number("soft");
          long hard = limit.number("hard");
          if (hard >= 0 && (soft > hard || soft < 0) && !limit.has("single")) {
            problems.refuse(
                name,
                node,
                path + ".ulimits." + key,
                "ulimit soft limit must be less than or equal to hard limit: "
                    + soft
                    + " > "
                    + hard);
          }
        });
  }

  private void signal() {
    String given = service.text("stop_signal");
    String upper = given.toUpperCase(Locale.ROOT);
    String bare = upper.startsWith("SIG") ? upper.substring(3) : upper;
    if (!given.isEmpty()
        && !SIGNALS.contains(bare)
        && !SIGNAL_NUMBER.matcher(given).matches()
        && !REALTIME_SIGNAL.matcher(bare).matches()) {
      String hint =
          Problems.suggestion(bare, SIGNALS).replace("\"", "").replace("mean ", "mean SIG");
      problems.refuse(
          name,
          service.get("stop_signal"),
          path + ".stop_signal",
          "invalid signal: " + given + hint);
    }
  }

  private void numbers() {
    Values v = new Values(service);
    if (v.has("mem_swappiness")
        && (v.number("mem_swappiness") < -1 || v.number("mem_swappiness") > 100)) {
      problems.refuse(
          name,
          service.get("mem_swappiness"),
          path + ".mem_swappiness",
          "invalid value: "
              + v.number("mem_swappiness")
              + ", valid memory swappiness range is 0-100");
    }
    MapNode blkio = service.map("blkio_config");
    long weight = blkio == null ? 0 : new Values(blkio).number("weight");
    if (blkio != null && weight != 0 && (weight < 10 || weight > 1000)) {
      problems.refuse(
          name,
          blkio.get("weight"),
          path + ".blkio_config.weight",
          "range of blkio weight is from 10 to 1000: " + weight);
    }
  }

  private void storage() {
    MapNode options = service.map("storage_opt");
    if (options == null) {
      return;
    }
    options.entries.forEach(
        (key, node) -> {
          if (!key.equals("size")) {
            problems.refuse(name, node, path + ".storage_opt." + key, "Unknown option " + key);
            return;
          }
          try {
            ByteSize.parse(options.text("size"));
          } catch (JcomposeException.InvalidArgument e) {
            problems.refuse(
                name,
                node,
                path + ".storage_opt.size",
                "invalid size: '" + options.text("size") + "'");
          }
        });
  }

  private void ports() {
    for (Node item : service.list("ports")) {
      if (!(item instanceof MapNode port)) {
        continue;
      }
      oneOf(port, "protocol", PROTOCOLS, path + ".ports", "Invalid proto: ");
      String published = port.text("published");
      if (!published.isEmpty() && PortSyntax.range(published) == null) {
        problems.refuse(
            name, port.get("published"), path + ".ports", "invalid hostPort: " + published);
      }
      unknown(port, "mode", List.of("ingress", "host"), path + ".ports");
    }
    for (Node item : service.list("expose")) {
      String text = item instanceof Scalar scalar ? scalar.text() : "";
      int slash = text.indexOf('/');
      String number = slash < 0 ? text : text.substring(0, slash);
      if (PortSyntax.range(number) == null) {
        problems.refuse(name, item, path + ".expose", "Invalid containerPort: " + text);
      }
    }
  }

  private void addresses() {
    mac(service, path);
    MapNode networks = service.map("networks");
    if (networks != null) {
      networks.entries.forEach(
          (key, node) -> {
            if (node instanceof MapNode network) {
              String at = path + ".networks." + key;
              mac(network, at);
              String v4 = network.text("ipv4_address");
              String v6 = network.text("ipv6_address");
              if (!v4.isEmpty() && !IpText.isIpv4(v4)) {
                problems.refuse(
                    name, network.get("ipv4_address"), at, "invalid IPv4 address: " + v4);
              }
              if (!v6.isEmpty() && !IpText.isIpv6(v6)) {
                problems.refuse(
                    name, network.get("ipv6_address"), at, "invalid IPv6 address: " + v6);
              }
            }
          });
    }
    for (Node item : service.list("extra_hosts")) {
      String text = item instanceof Scalar scalar ? scalar.text() : "";
      String address = text.substring(text.indexOf('=') + 1);
      if (!address.equals("host-gateway") && !IpText.isAddress(address)) {
        problems.refuse(
            name,
            item,
            path + ".extra_hosts",
            "invalid IP address in add-host: \"" + address + "\"");
      }
    }
  }

  private void mac(MapNode map, String path) {
    String mac = map.text("mac_address");
    if (!mac.isEmpty() && !MAC.matcher(mac).matches()) {
      problems.refuse(
          name, map.get("mac_address"), path + ".mac_address", "invalid MAC address: " + mac);
    }
  }

  private void mounts() {
    for (Node item : service.list("volumes")) {
      MapNode bind = item instanceof MapNode mount ? mount.map("bind") : null;
      if (bind != null) {
        oneOf(bind, "propagation", PROPAGATION, path + ".volumes", "invalid propagation mode: ");
      }
    }
  }

  /** What only a swarm would read. */
  private void ignored() {
    Node refresh = service.get("pull_refresh_after");
    if (refresh != null) {
      problems.warn(
          refresh.position,
          path + ".pull_refresh_after",
          "is ignored, as by Docker Compose: use `pull_policy: every_<duration>`");
    }
    MapNode deploy = service.map("deploy");
    if (deploy == null) {
      return;
    }
    String at = path + ".deploy";
    unknown(deploy, "mode", List.of("replicated", "global", "replicated-job", "global-job"), at);
    unknown(deploy, "endpoint_mode", List.of("vip", "dnsrr"), at);
    for (String section : List.of("update_config", "rollback_config")) {
      MapNode update = deploy.map(section);
      if (update != null) {
        unknown(
            update, "failure_action", List.of("pause", "continue", "rollback"), at + "." + section);
      }
    }
  }

  private void oneOf(MapNode map, String key, List<String> known, String path, String message) {
    String value = map.text(key);
    if (!value.isEmpty() && !known.contains(value.toLowerCase(Locale.ROOT))) {
      problems.refuse(
          name, map.get(key), path, message + value + Problems.suggestion(value, known));
    }
  }

  private void unknown(MapNode map, String key, List<String> known, String path) {
    String value = map.text(key);
    @Nullable Node node = map.get(key);
    if (node != null && !value.isEmpty() && !known.contains(value)) {
      problems.warn(
          node.position,
          path + "." + key,
          "unknown value \""
              + value
              + "\" is ignored"
              + Problems.suggestion(value, known)
              + "; it is one of "
              + String.join(", ", known));
    }
  }
}
