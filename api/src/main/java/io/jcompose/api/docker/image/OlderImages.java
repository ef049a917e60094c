package io.jcompose.api.docker.image;

import io.jcompose.api.docker.model.ImageSummary;
import io.jcompose.api.text.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Images as clients of former versions of the API know them: with members that say nothing and that
 * they may rely on. Stateless.
 */
final class OlderImages {
  private static final int WITHOUT_VIRTUAL_SIZE = 44;
  private static final int WITHOUT_CONTAINER = 45;
  private static final int WITHOUT_PROCESS = 50;

  private OlderImages() {}

  /** What {@code inspect} shows. */
  static Map<String, Object> shaped(Map<String, Object> image, int minor) {
    if (minor >= WITHOUT_PROCESS) {
      return image;
    }
    Map<String, Object> shaped = new LinkedHashMap<>(image);
    if (minor < WITHOUT_VIRTUAL_SIZE) {
      shaped.put("VirtualSize", image.get("Size"));
    }
    if (minor < WITHOUT_CONTAINER) {
      shaped.put("ContainerConfig", config(Map.of()));
    }
    shaped.put("Config", image.get("Config") instanceof Map<?, ?> own ? config(own) : null);
    return shaped;
  }

  private static Map<String, Object> config(Map<?, ?> own) {
    Map<String, Object> config = new TreeMap<>();
    for (String text : List.of("Domainname", "Hostname", "Image", "User", "WorkingDir")) {
      config.put(text, "");
    }
    for (String truth :
        List.of("AttachStderr", "AttachStdin", "AttachStdout", "OpenStdin", "StdinOnce", "Tty")) {
      config.put(truth, false);
    }
    for (String none : List.of("Cmd", "Entrypoint", "Env", "Labels", "OnBuild", "Volumes")) {
      config.put(none, null);
    }
    own.forEach((name, value) -> config.put(String.valueOf(name), value));
    return config;
  }

  /** What a list shows. */
  static Object listed(ImageSummary image, int minor) {
    if (minor >= WITHOUT_VIRTUAL_SIZE) {
      return image;
    }
    Map<String, Object> shaped =
        JsonText.MAPPER.convertValue(
            image,
            JsonText.MAPPER
                .getTypeFactory()
                .constructMapType(LinkedHashMap.class, String.class, Object.class));
    shaped.put("VirtualSize", image.size());
    return shaped;
  }
}
