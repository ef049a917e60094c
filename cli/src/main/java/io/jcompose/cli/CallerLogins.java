package io.jcompose.cli;

import io.jcompose.cli.login.DockerConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The logins that go with a request: those of whoever runs this command, for the registries that
 * the request needs and for no others. Stateless.
 */
final class CallerLogins {
  static final String MEMBER = "logins";
  private static final String PUBLISHED = "oci://";

  /** More registries than a project has; the engine takes no more. */
  private static final int MOST = 200;

  private CallerLogins() {}

  /**
   * The member for a command that may pull. The engine is asked first what it would pull, where
   * there is any login at all.
   */
  static Map<String, Object> of(Invocation invocation, String command) throws IOException {
    DockerConfig config = read(invocation);
    if (config == null || invocation.isDry() || !config.mayHaveLogins()) {
      return Map.of(MEMBER, Map.of());
    }
    // What is published this command reads itself for an engine of another host.
    Set<String> registries =
        new LinkedHashSet<>(invocation.remote() == null ? ofFiles(invocation.files()) : List.of());
    registries.addAll(needed(invocation, command));
    return Map.of(MEMBER, logins(config, registries));
  }

  /**
   * The same for a request that only reads published compose files; null where there are none, and
   * for an engine of another host, which gets the files.
   */
  static @org.jspecify.annotations.Nullable Map<String, Object> ofPublished(
      Invocation invocation, List<String> files) {
    List<String> registries = invocation.remote() == null ? ofFiles(files) : List.of();
    DockerConfig config = registries.isEmpty() ? null : read(invocation);
    return config == null ? null : logins(config, registries);
  }

  /**
   * An engine of another host gets the logins that the files' images are of, whatever else it asks
   * for; mirrors are that host's own affair.
   */
  private static List<String> needed(Invocation invocation, String command) throws IOException {
    try {
      Map<String, Object> members = invocation.requestMembers(Map.of("for", command));
      String request = new Json().value(members).toString();
      List<String> told =
          TextAction.text(invocation, "registries", request).lines().limit(MOST).toList();
      return invocation.remote() == null
          ? told
          : ofImages(told, members.get(FilesForEngine.REGISTRIES));
    } catch (CommandFailure e) {
      return List.of(); // the request itself fails for the same reason, and tells it
    }
  }

  /**
   * @param named the registries of the files' images; null where there are no files
   */
  static List<String> ofImages(List<String> told, @org.jspecify.annotations.Nullable Object named) {
    return told.stream().filter(r -> named instanceof List<?> list && list.contains(r)).toList();
  }

  private static List<String> ofFiles(List<String> files) {
    List<String> registries = new ArrayList<>();
    for (String file : files) {
      if (file.startsWith(PUBLISHED)) {
        String name = file.substring(PUBLISHED.length());
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
        registries.add(DockerConfig.registry(host ? first : ""));
      }
    }
    return registries;
  }

  private static @org.jspecify.annotations.Nullable DockerConfig read(Invocation invocation) {
    try {
      return DockerConfig.read(DockerConfig.file(invocation.env()));
    } catch (IOException e) {
      warn(e.getMessage() + "; going on without logins");
      return null;
    }
  }

  private static Map<String, Object> logins(DockerConfig config, Collection<String> registries) {
    Map<String, Object> logins = new LinkedHashMap<>();
    for (String registry : registries) {
      try {
        config
            .login(registry)
            .ifPresent(
                login ->
                    logins.put(registry, Map.of("user", login.user(), "secret", login.secret())));
      } catch (IOException e) {
        warn(e.getMessage() + "; going on without a login for " + registry);
      }
    }
    return logins;
  }

  private static void warn(String text) {
    System.err.println(Printable.text("WARN[0000] " + text));
  }
}
