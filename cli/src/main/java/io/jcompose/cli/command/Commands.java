package io.jcompose.cli.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** All commands by their names. Each is built when it is asked for. */
public final class Commands {
  /** In the order of the help. */
  public static final List<String> NAMES =
      List.of(
          "attach",
          "build",
          "builder",
          "commit",
          "config",
          "container",
          "cp",
          "create",
          "diff",
          "docker",
          "down",
          "engine",
          "events",
          "exec",
          "export",
          "history",
          "image",
          "images",
          "import",
          "info",
          "inspect",
          "kill",
          "load",
          "login",
          "logout",
          "logs",
          "ls",
          "network",
          "networks",
          "pause",
          "port",
          "ps",
          "pull",
          "push",
          "registry",
          "rename",
          "restart",
          "rm",
          "rmi",
          "run",
          "save",
          "scale",
          "search",
          "start",
          "stats",
          "stop",
          "system",
          "tag",
          "top",
          "unpause",
          "up",
          "version",
          "volume",
          "volumes",
          "wait",
          "completion");

  private Commands() {}

  /** The command of that name, or null. */
  public static @Nullable Command find(String name) {
    return ProjectCommands.find(name);
  }

  /** The command that a word means in a group; null when there is none. */
  public static @Nullable Command member(Command group, String word) {
    String name =
        switch (word) {
          case "list" -> "ls";
          case "remove" -> "rm";
          default -> word;
        };
    Command dockers = DockerCommands.ofGroup(group.name() + " " + name);
    if (dockers != null) {
      return dockers;
    }
    if (!group.name().equals("container") || name.equals("prune")) {
      return HostCommands.member(group.name() + " " + name);
    }
    if (name.equals("ls") || name.equals("ps")) {
      return find("ps");
    }
    return group.words().contains(name) ? find(name) : null;
  }
}
