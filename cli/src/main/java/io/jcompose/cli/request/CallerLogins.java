package io.jcompose.cli.request;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.login.DockerConfig;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The logins that go with a request: those of whoever runs this command, for the registries that
 * the request needs and for no others. Stateless.
 */
public final class CallerLogins {
  public static final String MEMBER = "logins";
  private static final String PUBLISHED = "oci://";

  private CallerLogins() {}

  /**
   * The member for a request that reads published compose files; null where there are none, and for
   * an engine of another host, which gets the files.
   */
  static @Nullable Map<String, Object> ofPublished(Invocation invocation, List<String> files) {
    List<String> registries = Engines.remote(invocation) == null ? ofFiles(files) : List.of();
    DockerConfig config = registries.isEmpty() ? null : read(invocation);
    return config == null ? null : logins(config, registries);
  }

  /** The login for one registry, as {@code user} and {@code secret}; empty where there is none. */
  public static Map<String, String> of(Invocation invocation, String registry) {
    DockerConfig config = read(invocation);
    Map<String, String> login = new LinkedHashMap<>();
    if (config != null
        && logins(config, List.of(registry)).get(registry) instanceof Map<?, ?> map) {
      map.forEach((name, value) -> login.put(String.valueOf(name), String.valueOf(value)));
    }
    return login;
  }

  /** The registries that published compose files come from. */
  static List<String> ofFiles(List<String> files) {
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

  /**
   * The configuration of whoever runs the command; null, with a warning, when it cannot be read.
   */
  static @Nullable DockerConfig read(Invocation invocation) {
    Path file = DockerConfig.file(invocation.env());
    if (Files.exists(file)) {
      Consoles.current().requireOwn();
    }
    try {
      return DockerConfig.read(file);
    } catch (IOException e) {
      warn(e.getMessage() + "; going on without logins");
      return null;
    }
  }

  /** What the configuration has for the registries, by registry. */
  static Map<String, Object> logins(DockerConfig config, Collection<String> registries) {
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
    Consoles.current().complain(Printable.text("WARN[0000] " + text) + "\n");
  }
}
