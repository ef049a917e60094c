package io.jcompose.cli.command;

/** The options before the command, as a command without a name. */
public final class GlobalOptions {
  private GlobalOptions() {}

  /** A new one, for picocli changes its model while it parses, and the engine has many callers. */
  public static Command all() {
    return new Command("", "[OPTIONS] COMMAND", "Define and run multi-container applications")
        .value("mode", "Control characters: never, always, auto", "--ansi")
        .list("path", "Alternate environment file", "--env-file")
        .list("path", "Compose files", "-f", "--file")
        .list("name", "Profile to enable", "--profile")
        .value("type", "Progress: auto, tty, plain, json, quiet", "--progress")
        .value(
            "path",
            "Project directory (default: the first file's)",
            "--workdir",
            "--project-directory")
        .value(
            "address", "The engine: ssh://[user@]host[:port], or a socket's path", "-H", "--host")
        .value("name", "Project name", "-p", "--project-name")
        .value("dir", "Keep the engine's state in DIR/lib and DIR/run", "--root")
        .flag("Show the version", "-v", "--version")
        .flag("Show help", "-h", "--help")
        .flag("Make networks and volumes too that no service uses", "--all-resources")
        .flag("Names of containers have _ instead of -", "--compatibility")
        .value("n", "Kept for habit: jcompose decides how much runs at once", "--parallel")
        .flag("up, create: show what would be done, and do nothing", "--dry-run")
        .former("--verbose")
        .former("--no-ansi")
        .stopAtArguments();
  }
}
