package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Networking;
import io.jcompose.scheduler.desired.NamespaceRefs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Names the keys of a compose file in which a container differs from its desired spec. Pure. */
final class ChangedKeys {
  private static final int MOST = 5;

  private final List<String> keys = new ArrayList<>();

  private ChangedKeys() {}

  /** As {@code environment.FOO, ports}; some of them when there are many, empty when none show. */
  static List<String> between(ContainerView container, ContainerSpec wanted) {
    ChangedKeys changed = new ChangedKeys();
    changed.compare(container.spec(), wanted);
    int more = changed.keys.size() - MOST;
    List<String> first = new ArrayList<>(changed.keys.subList(0, Math.min(MOST, MOST + more)));
    if (more > 0) {
      first.add(more + " more");
    }
    return first;
  }

  private void compare(ContainerSpec has, ContainerSpec wanted) {
    add("image", has.image(), wanted.image());
    process(has.process(), wanted.process());
    entries("labels", ownLabels(has), ownLabels(wanted));
    networking(has.networking(), wanted.networking());
    add("volumes", mounts(has), mounts(wanted));
    add("configs or secrets", has.files(), wanted.files());
    add("healthcheck", has.health(), wanted.health());
    add("logging", has.logging(), wanted.logging());
    add("restart", has.lifecycle().restart(), wanted.lifecycle().restart());
    add("stop_signal", has.lifecycle().stopSignal(), wanted.lifecycle().stopSignal());
    add("stop_grace_period", has.lifecycle().stopTimeout(), wanted.lifecycle().stopTimeout());
    add("limits", has.resources(), wanted.resources());
    if (NamespaceRefs.services(wanted).isEmpty()) {
      add("security settings", has.security(), wanted.security());
    }
  }

  private void process(ContainerSpec.ProcessSpec has, ContainerSpec.ProcessSpec wanted) {
    add("entrypoint", has.entrypoint(), wanted.entrypoint());
    add("command", has.command(), wanted.command());
    entries("environment", pairs(has.env()), pairs(wanted.env()));
    add("working_dir", has.workingDir(), wanted.workingDir());
    add("user", has.user(), wanted.user());
    add("hostname", has.hostname(), wanted.hostname());
    add("domainname", has.domainname(), wanted.domainname());
    add("group_add", has.groupAdd(), wanted.groupAdd());
    add("tty", has.tty(), wanted.tty());
    add("stdin_open", has.stdinOpen(), wanted.stdinOpen());
    add("init", has.init(), wanted.init());
  }

  private void networking(Networking has, Networking wanted) {
    if (NamespaceRefs.isShared(wanted.mode())) {
      return;
    }
    add("network_mode", has.mode(), wanted.mode());
    add("networks", has.endpoints(), wanted.endpoints());
    add("ports", has.ports(), wanted.ports());
    add("dns", has.dns(), wanted.dns());
    add("dns_search", has.dnsSearch(), wanted.dnsSearch());
    add("dns_opt", has.dnsOptions(), wanted.dnsOptions());
    add("extra_hosts", has.extraHosts(), wanted.extraHosts());
  }

  private void add(String key, @Nullable Object has, @Nullable Object wanted) {
    if (!Objects.equals(has, wanted)) {
      keys.add(key);
    }
  }

  private void entries(String key, Map<String, String> has, Map<String, String> wanted) {
    TreeSet<String> names = new TreeSet<>(has.keySet());
    names.addAll(wanted.keySet());
    for (String name : names) {
      add(key + "." + name, has.get(name), wanted.get(name));
    }
  }

  private static Map<String, String> pairs(List<String> env) {
    return env.stream()
        .collect(
            Collectors.toMap(
                entry -> entry.split("=", 2)[0], Function.identity(), (first, last) -> last));
  }

  private static Map<String, String> ownLabels(ContainerSpec spec) {
    Map<String, String> own = new HashMap<>(spec.labels());
    own.keySet().removeIf(label -> label.startsWith("com.docker.compose."));
    return own;
  }

  /** A successor has its predecessor's anonymous volumes by name. */
  private static List<MountSpec> mounts(ContainerSpec spec) {
    return spec.mounts().stream()
        .filter(
            mount ->
                !(mount instanceof MountSpec.Volume v && (v.inherited() || v.name().isEmpty())))
        .toList();
  }
}
