package io.jcompose.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StateFile;
import io.jcompose.runtime.OciRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The engine's settings for how containers run, in the form of Docker's: {@code runtimes: {name:
 * {path, runtimeArgs}}}, {@code selinux-enabled: true} and {@code ip-forward-no-drop: true}.
 */
final class RuntimeSettings {
  private RuntimeSettings() {}

  /** Other runtimes by name; empty when the file or the setting is missing. */
  static Map<String, OciRuntime> load(Path engineJson) {
    return runtimes(engineJson, setting(engineJson, "runtimes"));
  }

  /** Whether containers get labels where the machine has SELinux; off unless the file says so. */
  static boolean selinux(Path engineJson) {
    return flag(engineJson, "selinux-enabled");
  }

  /**
   * Whether a host that forwards packets only because the engine told it to does so for its
   * neighbours as well; off unless the file says so.
   */
  static boolean forwardsForOthers(Path engineJson) {
    return flag(engineJson, "ip-forward-no-drop");
  }

  private static boolean flag(Path engineJson, String name) {
    JsonNode setting = setting(engineJson, name);
    if (!setting.isMissingNode() && !setting.isBoolean()) {
      throw new JcomposeException.InvalidArgument(
          engineJson + ": " + name + ": give true or false, not " + setting);
    }
    return setting.asBoolean();
  }

  private static JsonNode setting(Path engineJson, String name) {
    byte[] text = StateFile.read(engineJson).orElse(new byte[0]);
    try {
      return text.length == 0
          ? MissingNode.getInstance()
          : new ObjectMapper().readTree(text).path(name);
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(engineJson + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, OciRuntime> runtimes(Path file, JsonNode setting) {
    Map<String, OciRuntime> all = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : setting.properties()) {
      String path = entry.getValue().path("path").asText();
      if (!path.startsWith("/")) {
        throw new JcomposeException.InvalidArgument(
            file + ": runtimes." + entry.getKey() + ".path: give a program's absolute path");
      }
      List<String> arguments = new ArrayList<>();
      entry.getValue().path("runtimeArgs").forEach(argument -> arguments.add(argument.asText()));
      all.put(entry.getKey(), new OciRuntime(Path.of(path), arguments));
    }
    return all;
  }
}
