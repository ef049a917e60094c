package io.jcompose.cli.request;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.local.FilesForEngine;
import io.jcompose.cli.login.DockerConfig;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The logins that go with a command that may pull: of the registries that it would pull from, which
 * the engine is asked for. Stateless.
 */
public final class NeededLogins {
  /** More registries than a project has; the engine takes no more. */
  private static final int MOST = 200;

  private NeededLogins() {}

  /**
   * The member for a command that may pull. The engine is asked first what it would pull, where
   * there is any login at all.
   */
  public static Map<String, Object> of(Invocation invocation, String command) throws IOException {
    Map<String, Object> none = Map.of(CallerLogins.MEMBER, Map.of());
    if (invocation.isDry() || !Files.exists(DockerConfig.file(invocation.env()))) {
      return none;
    }
    if (!Consoles.current().isOwn() && registries(invocation, command).isEmpty()) {
      return none;
    }
    DockerConfig config = CallerLogins.read(invocation);
    if (config == null || !config.mayHaveLogins()) {
      return none;
    }
    return Map.of(
        CallerLogins.MEMBER, CallerLogins.logins(config, registries(invocation, command)));
  }

  private static Set<String> registries(Invocation invocation, String command) throws IOException {
    // What is published this command reads itself for an engine of another host.
    Set<String> registries =
        new LinkedHashSet<>(
            Engines.remote(invocation) == null
                ? CallerLogins.ofFiles(invocation.files())
                : List.of());
    registries.addAll(needed(invocation, command));
    return registries;
  }

  /**
   * An engine of another host gets the logins that the files' images are of, whatever else it asks
   * for; mirrors are that host's own affair.
   */
  private static List<String> needed(Invocation invocation, String command) throws IOException {
    try {
      Map<String, Object> members = ProjectRequest.members(invocation, Map.of("for", command));
      String request = new Json().value(members).toString();
      List<String> told =
          Engines.text(invocation, "registries", request).lines().limit(MOST).toList();
      return Engines.remote(invocation) == null
          ? told
          : ofImages(told, members.get(FilesForEngine.REGISTRIES));
    } catch (CommandFailure e) {
      return List.of(); // the request itself fails for the same reason, and tells it
    }
  }

  /**
   * @param named the registries of the files' images; null where there are no files
   */
  static List<String> ofImages(List<String> told, @Nullable Object named) {
    return told.stream().filter(r -> named instanceof List<?> list && list.contains(r)).toList();
  }
}
