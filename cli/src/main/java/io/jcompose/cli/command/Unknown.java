package io.jcompose.cli.command;

import org.jspecify.annotations.Nullable;

/** What is said to a word that is no command of ours: Docker's, or a misspelt one. */
public final class Unknown {
  private Unknown() {}

  /** A message of one or two lines. */
  public static String command(String word) {
    String answer = answer(word);
    if (answer != null) {
      return "'jcompose " + word + "' is not supported: " + answer;
    }
    return "unknown jcompose command: \""
        + word
        + "\""
        + Meant.question(word, Commands.NAMES)
        + "\n'jcompose --help' lists them all.";
  }

  /** For commands of Docker's, so that who types them knows what to do instead; null for others. */
  private static @Nullable String answer(String word) {
    switch (word) {
      case "buildx":
        return "services are built by `jcompose build`, a folder by `jcompose image build`";
      case "bake":
        return "`jcompose build` builds the images of a compose file at once";
      case "watch":
        return "files are not watched yet. A bind mount of the sources shows changes at once;"
            + " `jcompose restart SERVICE` starts a program anew";
      case "publish":
      case "bridge":
      case "alpha":
        return "compose files are not published or converted here; `jcompose config` prints them whole";
      case "docker-compose":
        return "jcompose is all of it: write `jcompose up -d`, `jcompose ps`, `jcompose down`";
      case "list":
        return "projects are listed by `jcompose ls`, containers by `jcompose ps`";
      case "status":
        return "it is `jcompose ps` for containers, `jcompose engine status` for the engine";
      case "shell":
      case "bash":
      case "sh":
      case "ssh":
        return "a shell in a container is `jcompose exec SERVICE sh`";
      case "delete":
      case "remove":
      case "destroy":
        return "it is `jcompose down` for a whole project, `jcompose rm SERVICE` for stopped containers";
      case "update":
        return "change the compose file, then `jcompose up -d`: limits are changed in place";
      case "prune":
        return "it is `jcompose system prune`";
      case "df":
        return "it is `jcompose system df`";
      case "daemon":
        return "it is `jcompose engine`, and is started by the first command or by systemd";
      case "context":
        return "an engine is chosen by -H or JCOMPOSE_HOST (ssh://host, unix:///path), or --root";
      case "swarm":
      case "stack":
      case "service":
      case "node":
        return "there is no swarm; a project is brought up by `jcompose up -d`";
      default:
        return null;
    }
  }
}
