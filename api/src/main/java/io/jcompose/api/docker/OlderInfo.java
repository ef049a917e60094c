package io.jcompose.api.docker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /info} as clients of former versions of the API know it. Stateless. */
final class OlderInfo {
  private static final int WITH_PROFILES = 25;
  private static final int WITHOUT_KERNEL_MEMORY = 42;
  private static final int WITH_FIREWALL = 49;
  private static final int WITHOUT_BRIDGE_FILTERS = 50;

  private OlderInfo() {}

  static Map<String, Object> shaped(Map<String, Object> info, int minor) {
    if (minor >= WITHOUT_BRIDGE_FILTERS) {
      return info;
    }
    Map<String, Object> shaped = new LinkedHashMap<>(info);
    shaped.put("BridgeNfIptables", false);
    shaped.put("BridgeNfIp6tables", false);
    shaped.put("RuncCommit", commit());
    if (info.get("RegistryConfig") instanceof Map<?, ?> registries) {
      Map<Object, Object> all = new LinkedHashMap<>(registries);
      all.put("AllowNondistributableArtifactsCIDRs", null);
      all.put("AllowNondistributableArtifactsHostnames", null);
      shaped.put("RegistryConfig", all);
    }
    if (minor < WITH_FIREWALL) {
      shaped.remove("FirewallBackend");
    }
    if (minor < WITHOUT_KERNEL_MEMORY) {
      shaped.put("KernelMemory", false);
    }
    if (minor < WITH_PROFILES) {
      shaped.put("SecurityOptions", List.of("seccomp"));
    }
    return shaped;
  }

  private static Map<String, Object> commit() {
    Map<String, Object> commit = new LinkedHashMap<>();
    commit.put("ID", "");
    commit.put("Expected", "");
    return commit;
  }
}
