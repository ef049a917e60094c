package io.jcompose.cli.request;

import io.jcompose.cli.wire.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * The variables that go to an engine on another host: those that the project's files, or the words
 * of the command, name. What else a shell has, tokens and keys among it, stays on its own host.
 * Stateless.
 */
final class VariablesForEngine {
  private VariablesForEngine() {}

  /**
   * @param members of a request, with the files that go along
   */
  static Map<String, String> of(Map<String, String> env, Map<String, Object> members) {
    Map<String, Object> words = new HashMap<>(members);
    words.remove("env");
    words.remove(CallerLogins.MEMBER);
    StringBuilder texts = new StringBuilder();
    if (words.remove("sources") instanceof Map<?, ?> sources
        && sources.get("files") instanceof Map<?, ?> files) {
      files.values().forEach(file -> texts.append(content(file)).append('\n'));
    }
    String text = texts.append(new Json().value(words)).toString();
    Map<String, String> named = new HashMap<>();
    env.forEach(
        (name, value) -> {
          if (isOfCompose(name) || text.contains(name)) {
            named.put(name, value);
          }
        });
    return named;
  }

  private static boolean isOfCompose(String name) {
    return name.startsWith("COMPOSE_")
        || name.equals("DOCKER_DEFAULT_PLATFORM")
        || name.equals("HOME")
        || name.equals("PWD");
  }

  /** Names are looked for in it, also where it is UTF-16. */
  private static String content(Object file) {
    if (file instanceof Map<?, ?> map && map.get("content") instanceof String base64) {
      byte[] bytes = Base64.getDecoder().decode(base64);
      return new String(bytes, StandardCharsets.ISO_8859_1).replace("\0", "");
    }
    return "";
  }
}
