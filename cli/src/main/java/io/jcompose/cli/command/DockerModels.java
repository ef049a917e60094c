package io.jcompose.cli.command;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What can be typed of docker's commands, by their long names; for {@link DockerCommands}. */
final class DockerModels {
  private static final String FORMAT = "Format the output: table (default), json or a Go template";
  private static final String CONTAINERS = "CONTAINER [CONTAINER...]";

  private DockerModels() {}

  /** The command of that name, without its title; null where there is none. */
  static @Nullable Command of(String name) {
    return switch (name) {
      case "container create", "container run" -> RunFlags.of(name);
      case "container update" -> update(name);
      case "container exec" -> exec(name);
      case "container logs" -> logs(name);
      case "container ls" -> ps(name);
      case "container stats" -> stats(name);
      case "container commit" -> commit(name);
      case "container cp" -> cp(name);
      case "network connect" -> connect(name);
      case "network create" -> creation(name);
      case "network disconnect" -> disconnect(name);
      case "system events" -> events(name);
      case "image pull" -> pull(name);
      case "image push" -> push(name);
      case "version" ->
          new Command(name, "[OPTIONS]", "Show the version information")
              .value("format", "Format the output: json or a Go template", "-f", "--format")
              .atMost(0);
      case "inspect", "container inspect" -> inspect(name);
      case "login", "logout", "search" -> HostCommands.find(name);
      default -> {
        Command acting = acting(name);
        yield acting == null ? HostCommands.member(name) : acting;
      }
    };
  }

  /** Those that do one thing to containers. */
  private static @Nullable Command acting(String name) {
    return switch (name) {
      case "container attach" ->
          new Command(name, "[OPTIONS] CONTAINER", "Join the caller's streams with a program's")
              .value("keys", "Keys that detach (default ctrl-p,ctrl-q)", "--detach-keys")
              .flag("Do not attach standard input", "--no-stdin")
              .flag("Pass signals on to the program (default true)", "--sig-proxy")
              .arguments(1)
              .atMost(1);
      case "container diff" ->
          new Command(name, "CONTAINER", "List what a container changed").arguments(1).atMost(1);
      case "container export" ->
          new Command(name, "[OPTIONS] CONTAINER", "Write a container's files as a tar archive")
              .value("file", "Write to a file instead of standard output", "-o", "--output")
              .arguments(1)
              .atMost(1);
      case "container kill" ->
          several(name, "Send a signal to containers")
              .value("signal", "Signal to send (default SIGKILL)", "-s", "--signal");
      case "container pause" -> several(name, "Hold all processes of containers");
      case "container unpause" -> several(name, "Let the processes of paused containers go on");
      case "container wait" -> several(name, "Wait until containers end, and print exit codes");
      case "container port" ->
          new Command(name, "CONTAINER [PRIVATE_PORT[/PROTO]]", "List published ports")
              .arguments(1)
              .atMost(2);
      case "container rename" ->
          new Command(name, "CONTAINER NEW_NAME", "Rename a container").arguments(2).atMost(2);
      case "container restart" -> ending(several(name, "Stop containers and start them again"));
      case "container stop" -> ending(several(name, "Stop containers"));
      case "container rm" ->
          several(name, "Remove containers")
              .flag("End what runs, and what is not there is no error", "-f", "--force")
              .flag("Remove a link", "-l", "--link")
              .flag("Remove anonymous volumes too", "-v", "--volumes");
      case "container start" ->
          several(name, "Start stopped containers")
              .flag("Show output and pass signals on", "-a", "--attach")
              .value("keys", "Keys that detach (default ctrl-p,ctrl-q)", "--detach-keys")
              .flag("Attach standard input", "-i", "--interactive")
              .refusedValue("running programs are not saved", "--checkpoint", "--checkpoint-dir");
      case "container top" ->
          new Command(name, "CONTAINER [ps OPTIONS]", "Show the processes of a container")
              .arguments(1)
              .stopAtArguments();
      default -> null;
    };
  }

  private static Command several(String name, String description) {
    return new Command(name, "[OPTIONS] " + CONTAINERS, description).arguments(1);
  }

  private static Command ending(Command command) {
    return command
        .value("signal", "Signal to send first", "-s", "--signal")
        .value("seconds", "Time before it is killed", "-t", "--time", "--timeout");
  }

  private static Command update(String name) {
    return RunFlags.processorsAndMemory(several(name, "Change limits and the restart policy"))
        .value("weight", "Share of block devices, 10 to 1000", "--blkio-weight")
        .value("micros", "Processor time of real-time processes", "--cpu-rt-runtime")
        .value("micros", "Period of --cpu-rt-runtime", "--cpu-rt-period")
        .refusedValue("Linux has it no more", "--kernel-memory")
        .value("policy", "no, always, unless-stopped, on-failure[:times]", "--restart");
  }

  private static Command exec(String name) {
    return new Command(
            name, "[OPTIONS] CONTAINER COMMAND [ARG...]", "Run a program in a running container")
        .flag("Run it in the background", "-d", "--detach")
        .value("keys", "Keys that detach (default ctrl-p,ctrl-q)", "--detach-keys")
        .list("KEY=VALUE", "Set environment variables", "-e", "--env")
        .list("file", "Set environment variables from files", "--env-file")
        .flag("Keep standard input open", "-i", "--interactive")
        .flag("Give all rights", "--privileged")
        .flag("Give the program a terminal", "-t", "--tty")
        .value("user", "Run as this user: NAME|ID[:GROUP|ID]", "-u", "--user")
        .value("path", "Working directory", "-w", "--workdir")
        .arguments(2)
        .stopAtArguments();
  }

  private static Command logs(String name) {
    return new Command(name, "[OPTIONS] CONTAINER", "Show what a container wrote")
        .flag("Show what log-opts labels, env and tag put beside lines", "--details")
        .flag("Follow the output", "-f", "--follow")
        .value("time", "Show lines since a time or a duration (42m)", "--since")
        .value("n", "Lines to show from the end (default all)", "-n", "--tail")
        .flag("Show timestamps", "-t", "--timestamps")
        .value("time", "Show lines before a time or a duration (42m)", "--until")
        .arguments(1)
        .atMost(1);
  }

  private static Command ps(String name) {
    return new Command(name, "[OPTIONS]", "List containers")
        .flag("Show all (default: those that run)", "-a", "--all")
        .list("NAME=VALUE", "Show only what the filter lets through", "-f", "--filter")
        .value("format", FORMAT, "--format")
        .value("n", "Show the n last made containers", "-n", "--last")
        .flag("Show the last made container", "-l", "--latest")
        .flag("Don't shorten the output", "--no-trunc")
        .flag("Only show IDs", "-q", "--quiet")
        .flag("Show the sizes of the containers' own files", "-s", "--size")
        .atMost(0);
  }

  private static Command stats(String name) {
    return new Command(
            name, "[OPTIONS] [CONTAINER...]", "Show what containers use, again and again")
        .flag("Show all (default: those that run)", "-a", "--all")
        .value("format", FORMAT, "--format")
        .flag("Show one result and end", "--no-stream")
        .flag("Don't shorten the output", "--no-trunc");
  }

  private static Command commit(String name) {
    return new Command(
            name, "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]", "Make an image of a container")
        .value("author", "Author, such as \"Joe <joe@example.com>\"", "-a", "--author")
        .list("change", "Apply a Dockerfile's instruction to the image", "-c", "--change")
        .value("message", "Commit message", "-m", "--message")
        .flag("Pause the container meanwhile (default true)", "-p", "--pause")
        .arguments(1)
        .atMost(2);
  }

  private static Command cp(String name) {
    return new Command(
            name,
            "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
            "Copy files between a container and the local file system")
        .flag("Keep owners", "-a", "--archive")
        .flag("Follow a link at the source path", "-L", "--follow-link")
        .flag("Print no progress", "-q", "--quiet")
        .arguments(2)
        .atMost(2);
  }

  private static Command inspect(String name) {
    boolean any = name.equals("inspect");
    Command command =
        new Command(
                name,
                any ? "[OPTIONS] NAME|ID [NAME|ID...]" : "[OPTIONS] " + CONTAINERS,
                "Show all that is known, as JSON")
            .value("format", "Format the output by a Go template, or json", "-f", "--format")
            .flag("Show the sizes of a container's files, too", "-s", "--size")
            .arguments(1);
    return any
        ? command.value("kind", "Only a container, image, network or volume", "--type")
        : command;
  }

  private static Command connect(String name) {
    return new Command(name, "[OPTIONS] NETWORK CONTAINER", "Connect a container to a network")
        .list("name", "Names in the network", "--alias")
        .list("KEY=VALUE", "Options of the network's driver", "--driver-opt")
        .value("n", "Which network has the way out: the highest", "--gw-priority")
        .value("address", "IPv4 address", "--ip")
        .value("address", "IPv6 address", "--ip6")
        .list("NAME[:ALIAS]", "Let the container reach another one by a name", "--link")
        .list("address", "Link-local addresses", "--link-local-ip")
        .arguments(2)
        .atMost(2);
  }

  private static Command creation(String name) {
    return Objects.requireNonNull(HostCommands.member(name))
        .value("driver", "What gives addresses: default", "--ipam-driver")
        .list("KEY=VALUE", "Options of that", "--ipam-opt")
        .flag("Give IPv4 addresses (default true)", "--ipv4")
        .refused("there is no swarm", "--config-only", "--ingress")
        .refusedValue("there is no swarm", "--config-from", "--scope");
  }

  private static Command disconnect(String name) {
    return new Command(name, "[OPTIONS] NETWORK CONTAINER", "Disconnect a container from a network")
        .flag("Also where the container is gone", "-f", "--force")
        .arguments(2)
        .atMost(2);
  }

  private static Command events(String name) {
    return new Command(name, "[OPTIONS]", "Show events as they come")
        .list("NAME=VALUE", "Only events that the filter lets through", "-f", "--filter")
        .value("format", "Format the output by a Go template, or json", "--format")
        .value("time", "Also events since a time or a duration (42m)", "--since")
        .value("time", "End at a time", "--until")
        .atMost(0);
  }

  private static Command pull(String name) {
    return new Command(name, "[OPTIONS] NAME[:TAG|@DIGEST]", "Pull an image from a registry")
        .refused("name each tag", "-a", "--all-tags")
        .value("os/arch", "Platform, where the image has several", "--platform")
        .flag("Print only the image's name", "-q", "--quiet")
        .former("--disable-content-trust")
        .arguments(1)
        .atMost(1);
  }

  private static Command push(String name) {
    return new Command(name, "[OPTIONS] NAME[:TAG]", "Push an image to the registry of its name")
        .flag("Push all images with names of the repository", "-a", "--all-tags")
        .refusedValue("an image is kept for one platform", "--platform")
        .flag("Print only the image's name", "-q", "--quiet")
        .former("--disable-content-trust")
        .arguments(1)
        .atMost(1);
  }
}
