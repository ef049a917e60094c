package io.jcompose.cli.command;

import org.jspecify.annotations.Nullable;

/** The commands that look into single containers or change them; as {@link ProjectCommands}. */
final class ContainerCommands {
  private static final String INDEX = "The container's number when there are several";
  private static final String ONE = "[OPTIONS] SERVICE|CONTAINER";

  private ContainerCommands() {}

  static @Nullable Command find(String name) {
    return switch (name) {
      case "attach" -> attach();
      case "commit" -> commit();
      case "cp" -> cp();
      case "diff" -> diff();
      case "events" -> events();
      case "export" -> export();
      case "inspect" -> inspect();
      case "rename" -> rename();
      case "stats" -> stats();
      case "top" -> top();
      default -> HostCommands.find(name);
    };
  }

  private static Command attach() {
    return new Command("attach", "[OPTIONS] SERVICE", "Attach to a service's running container")
        .arguments(1)
        .atMost(1)
        .value("keys", "Keys that detach (default ctrl-p,ctrl-q)", "--detach-keys")
        .value("n", INDEX, "--index")
        .flag("Do not attach standard input", "--no-stdin")
        .value("true|false", "Pass signals on to the process (default true)", "--sig-proxy");
  }

  private static Command commit() {
    return new Command(
            "commit",
            "[OPTIONS] SERVICE [REPOSITORY[:TAG]]",
            "Make an image of a service's container")
        .value("author", "Author, such as \"Joe <joe@example.com>\"", "-a", "--author")
        .list("change", "Apply a Dockerfile's instruction to the image", "-c", "--change")
        .value("n", INDEX, "--index")
        .value("message", "Commit message", "-m", "--message")
        .flag("Pause the container meanwhile (default true)", "-p", "--pause");
  }

  private static Command cp() {
    return new Command(
            "cp",
            "[OPTIONS] SERVICE:SRC_PATH DEST_PATH|- or SRC_PATH|- SERVICE:DEST_PATH",
            "Copy files between a service's containers and the local file system")
        .arguments(2)
        .atMost(2)
        .flag("Include containers created by the run command", "--all")
        .flag(
            "Archive mode (keep owners, or give files to the container's user)", "-a", "--archive")
        .flag("Follow a link at the source path", "-L", "--follow-link")
        .flag("Print no progress", "-q", "--quiet")
        .value("n", INDEX, "--index");
  }

  private static Command diff() {
    return new Command("diff", ONE, "List what a container changed").value("n", INDEX, "--index");
  }

  private static Command events() {
    return new Command("events", "[OPTIONS] [SERVICE...]", "Receive events of containers")
        .flag("Also events of all projects", "-A", "--all-projects")
        .list(
            "NAME=VALUE", "Only events of this container, event, image, label or type", "--filter")
        .value("format", "Format the output by a Go template, or json", "--format")
        .flag("One JSON object a line", "--json")
        .value("time", "Also events since a time or a duration (42m)", "--since")
        .value("time", "End at a time", "--until");
  }

  private static Command export() {
    return new Command(
            "export", "[OPTIONS] SERVICE", "Export a container's file system as a tar archive")
        .arguments(1)
        .atMost(1)
        .value("n", INDEX, "--index")
        .value("file", "Write to a file instead of standard output", "-o", "--output");
  }

  private static Command inspect() {
    return new Command(
            "inspect",
            "[OPTIONS] NAME...",
            "Show all that is known of containers, images, networks or volumes, as JSON")
        .value("format", "Format the output by a Go template, or json", "-f", "--format")
        .value("n", INDEX, "--index")
        .flag("Show the sizes of a container's files, too", "-s", "--size")
        .value("kind", "Only a container, image, network or volume", "--type");
  }

  private static Command rename() {
    return new Command("rename", "[OPTIONS] SERVICE|CONTAINER NAME", "Rename a container")
        .value("n", INDEX, "--index");
  }

  private static Command stats() {
    return new Command(
            "stats", "[OPTIONS] [SERVICE...]", "Display a live stream of what containers use")
        .flag("Show all containers (default: running ones)", "-a", "--all")
        .flag("Show the containers of all projects", "-A", "--all-projects")
        .value("format", "Format the output: table (default), json or a Go template", "--format")
        .flag("Show one result and end", "--no-stream")
        .flag("Don't shorten the output", "--no-trunc");
  }

  private static Command top() {
    return new Command("top", "[SERVICE...]", "Display the running processes")
        .stopAtArguments(); // ps's options, which the engine refuses with advice
  }
}
