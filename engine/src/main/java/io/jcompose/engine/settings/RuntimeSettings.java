package io.jcompose.engine.settings;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.runtime.OciRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The engine's settings for how containers run, in the form of Docker's: {@code runtimes: {name:
 * {path, runtimeArgs}}} and {@code selinux-enabled: true}.
 */
public final class RuntimeSettings {
  private RuntimeSettings() {}

  /** Other runtimes by name; empty when the setting is missing. */
  public static Map<String, OciRuntime> runtimes(SettingsFile settings) {
    Map<String, OciRuntime> all = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : settings.get("runtimes").properties()) {
      String path = entry.getValue().path("path").asText();
      if (!path.startsWith("/")) {
        throw settings.wrong(
            "runtimes." + entry.getKey() + ".path", "give a program's absolute path");
      }
      List<String> arguments = new ArrayList<>();
      entry.getValue().path("runtimeArgs").forEach(argument -> arguments.add(argument.asText()));
      all.put(entry.getKey(), new OciRuntime(Path.of(path), arguments));
    }
    return all;
  }

  /** Whether containers get labels where the machine has SELinux; off unless the file says so. */
  public static boolean selinux(SettingsFile settings) {
    return settings.flag("selinux-enabled");
  }
}
