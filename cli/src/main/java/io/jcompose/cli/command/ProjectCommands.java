package io.jcompose.cli.command;

import io.jcompose.cli.wire.DialWords;
import org.jspecify.annotations.Nullable;

/** The commands on a project as a whole, on its logs and programs, and on jcompose itself. */
final class ProjectCommands {
  private static final String BUILD = "Build images before starting containers";
  private static final String NO_BUILD = "Don't build images, even where one is missing";
  private static final String WHY = "Tell of each step of a build that is carried out what changed";
  private static final String QUIET_BUILD = "Build without printing progress";
  private static final String NO_IMAGES =
      "it is of `jcompose container run`, which runs an image; a service has a key for it in its"
          + " compose file";
  private static final String NOT_YET = "it is not carried out yet";
  private static final String FORMAT = "Format the output: table (default), json or a Go template";
  private static final String ALL_PROJECTS = "Show what all projects have";
  private static final String SERVICES = ServiceCommands.USAGE;

  private ProjectCommands() {}

  /** The command of that name, or null. */
  static @Nullable Command find(String name) {
    return switch (name) {
      case "ps" -> ps();
      case "up" -> up();
      case "down" -> down();
      case "logs" -> logs();
      case "exec" -> exec();
      case "run" -> run();
      case "ls" -> ls();
      case "create" -> create();
      case "port" -> port();
      case "volumes" -> volumes();
      case "pull" -> pull();
      case "push" -> push();
      case "config", "convert" -> config();
      case "version" -> version();
      case "engine" -> engine();
      case "completion" -> completion();
      case "docker" ->
          new Command(name, "[OPTIONS] COMMAND [ARG...]", "Take the words of docker's command line")
              .words(DockerCommands.all())
              .stopAtArguments();
      case DialWords.COMMAND -> dial();
      default -> ServiceCommands.find(name);
    };
  }

  private static Command port() {
    return new Command(
            "port", "[OPTIONS] SERVICE [PRIVATE_PORT]", "Print the public port for a port binding")
        .value("n", "The container's number when there are several", "--index")
        .value("protocol", "tcp or udp (default tcp)", "--protocol")
        .arguments(1)
        .atMost(2);
  }

  private static Command volumes() {
    return new Command("volumes", SERVICES, "List volumes")
        .flag(ALL_PROJECTS, "-A", "--all-projects")
        .value("format", FORMAT, "--format")
        .flag("Only show names", "-q", "--quiet");
  }

  private static Command version() {
    return new Command("version", "[OPTIONS]", "Show the version information")
        .atMost(0)
        .value("format", "Format the output: pretty, json or a Go template", "-f", "--format")
        .flag("Show only the version number", "--short");
  }

  private static Command completion() {
    return new Command("completion", "bash|zsh|fish", "Print a completion script for a shell")
        .words("bash", "zsh", "fish")
        .atMost(1);
  }

  private static Command dial() {
    return new Command(
            DialWords.COMMAND, "[OPTIONS] [SOCKET]", "Join standard input and output to the engine")
        .flag("Start no engine", "--running")
        .atMost(1);
  }

  private static Command up() {
    return new Command("up", SERVICES, "Create and start containers")
        .flag("Stop all containers when one ends", "--abort-on-container-exit")
        .flag("Stop all containers when one fails", "--abort-on-container-failure")
        .flag("Recreate dependent containers too", "--always-recreate-deps")
        .list("service", "Restrict attaching to these services", "--attach")
        .flag("Attach to the log output of dependencies too", "--attach-dependencies")
        .flag("Run containers in the background", "-d", "--detach")
        .value("service", "Return the exit code of this service's container", "--exit-code-from")
        .flag("Recreate containers even if nothing changed", "--force-recreate")
        .list("service", "Do not attach to these services", "--no-attach")
        .flag("Produce monochrome output", "--no-color")
        .flag("Don't start linked services", "--no-deps")
        .flag("Don't print a prefix before log lines", "--no-log-prefix")
        .flag("Keep existing containers even if something changed", "--no-recreate")
        .flag("Create the containers but do not start them", "--no-start")
        .flag(NO_BUILD, "--no-build")
        .value("policy", "Pull images before running: always, missing, never", "--pull")
        .flag("Pull without printing progress", "--quiet-pull")
        .flag("Remove containers of services that the file lacks", "--remove-orphans")
        .flag("Make new anonymous volumes", "-V", "--renew-anon-volumes")
        .list("SERVICE=NUM", "Scale a service to NUM replicas", "--scale")
        .value("seconds", "Shutdown timeout in seconds", "-t", "--timeout")
        .flag("Show timestamps", "--timestamps")
        .flag("Wait for services to be running or healthy; implies detached", "--wait")
        .value(
            "seconds",
            "How long --wait, and each wait for a dependency, lasts at most",
            "--wait-timeout")
        .flag("Assume yes to all questions", "-y", "--yes")
        .flag(BUILD, "--build")
        .flag(QUIET_BUILD, "--quiet-build")
        .flag(WHY, "--why")
        .refused(NOT_YET, "--menu", "--watch", "-w");
  }

  private static Command create() {
    return ServiceCommands.progress("create", "Create containers for a service")
        .flag("Recreate containers even if nothing changed", "--force-recreate")
        .flag(NO_BUILD, "--no-build")
        .flag("Keep existing containers even if something changed", "--no-recreate")
        .value("policy", "Pull images before: always, missing, never", "--pull")
        .flag("Pull without printing progress", "--quiet-pull")
        .flag("Remove containers of services that the file lacks", "--remove-orphans")
        .list("SERVICE=NUM", "Scale a service to NUM replicas", "--scale")
        .flag("Assume yes to all questions", "-y", "--yes")
        .flag(BUILD, "--build")
        .flag(WHY, "--why");
  }

  private static Command down() {
    return ServiceCommands.progress("down", "Stop and remove containers, networks")
        .flag("Remove containers of services that the file lacks", "--remove-orphans")
        .value("type", "Remove images used by services: all or local", "--rmi")
        .value("seconds", "Shutdown timeout in seconds", "-t", "--timeout")
        .flag("Remove named volumes of the file and anonymous ones", "-v", "--volume", "--volumes");
  }

  private static Command ps() {
    return new Command("ps", SERVICES, "List containers")
        .flag("Show all stopped containers too", "-a", "--all")
        .flag("Show the containers of all projects", "-A", "--all-projects")
        .value("format", FORMAT, "--format")
        .value("n", "Show the n last made containers", "-n", "--last")
        .flag("Show the last made container", "-l", "--latest")
        .flag("Don't shorten the output", "--no-trunc")
        .flag("Only show IDs", "-q", "--quiet")
        .flag("Show services", "--services")
        .flag("Show the sizes of the containers' own files", "-s", "--size")
        .list("status", "Show only containers of this status", "--status")
        .list("NAME=VALUE", "Show only containers of this status, name, label…", "-f", "--filter")
        .flag("Show services that the file lacks too (default true)", "--orphans");
  }

  private static Command ls() {
    return new Command("ls", "[OPTIONS]", "List running projects")
        .atMost(0)
        .flag("Show all stopped projects too", "-a", "--all")
        .value("format", FORMAT, "--format")
        .flag("Only show names", "-q", "--quiet")
        .list("name=PATTERN", "Show only projects of this name", "--filter");
  }

  private static Command logs() {
    return new Command("logs", SERVICES, "View output from containers")
        .flag("Show what log-opts labels, env and tag put beside lines", "--details")
        .flag("Follow the output", "-f", "--follow")
        .value("n", "Only the container with this number", "--index")
        .flag("Produce monochrome output", "--no-color")
        .flag("Don't print a prefix before lines", "--no-log-prefix")
        .value("time", "Show lines since a time or a duration (42m)", "--since")
        .value("n", "Lines to show from the end of each log (default all)", "-n", "--tail")
        .flag("Show timestamps", "-t", "--timestamps")
        .value("time", "Show lines before a time or a duration (42m)", "--until");
  }

  private static Command exec() {
    return new Command(
            "exec",
            "[OPTIONS] SERVICE COMMAND [ARGS...]",
            "Execute a command in a running container")
        .flag("Run the command in the background", "-d", "--detach")
        .list("KEY=VALUE", "Set environment variables", "-e", "--env")
        .list("path", "Set environment variables from files", "--env-file")
        .value("n", "The container's number when there are several", "--index")
        .value("keys", "Keys that detach (default ctrl-p,ctrl-q)", "--detach-keys")
        .flag("Give extended privileges to the process", "--privileged")
        .flag("Do not allocate a terminal", "-T", "--no-TTY", "--no-tty")
        .flag("Kept for habit: standard input is open", "-i", "--interactive")
        .flag("Kept for habit: there is a terminal where standard input is one", "-t", "--tty")
        .value("user", "Run the command as this user", "-u", "--user")
        .value("path", "Working directory of the command", "-w", "--workdir")
        .arguments(2)
        .stopAtArguments();
  }

  private static Command run() {
    return new Command(
            "run", "[OPTIONS] SERVICE [COMMAND] [ARGS...]", "Run a one-off command on a service")
        .list("cap", "Add Linux capabilities", "--cap-add")
        .list("cap", "Drop Linux capabilities", "--cap-drop")
        .flag("Run in the background and print the container's id", "-d", "--detach")
        .value("keys", "Keys that detach (default ctrl-p,ctrl-q)", "--detach-keys")
        .value("program", "Override the entrypoint of the image", "--entrypoint")
        .list("KEY=VALUE", "Set environment variables", "-e", "--env")
        .flag("Kept for habit: standard input is open", "-i", "--interactive")
        .flag("Kept for habit: there is a terminal where standard input is one", "-t", "--tty")
        .list("KEY=VALUE", "Add or override a label", "-l", "--labels", "--label")
        .value("name", "Name of the container", "--name")
        .flag("Do not allocate a terminal", "-T", "--no-tty", "--no-TTY")
        .flag("Don't start linked services", "--no-deps")
        .list("port", "Publish a container's port", "-p", "--publish")
        .flag("Pull without printing progress", "--quiet-pull")
        .flag("Remove containers of services that the file lacks", "--remove-orphans")
        .flag("Remove the container when it ends", "--rm")
        .flag("Publish the service's ports", "-P", "--service-ports")
        .flag("Use the service's network aliases", "--use-aliases")
        .value("user", "Run as this user", "-u", "--user")
        .list("volume", "Bind mount a volume", "-v", "--volumes", "--volume")
        .value("path", "Working directory", "-w", "--workdir")
        .flag(BUILD, "--build")
        .flag(QUIET_BUILD, "--quiet-build")
        .flag(WHY, "--why")
        .value("policy", "Pull the image before running: always, missing, never", "--pull")
        .flag("Print no progress", "-q", "--quiet")
        .list("path", "Set environment variables from files", "--env-from-file")
        // What docker's command of that name has for images, and services say.
        .refused(NO_IMAGES, "--init", "--privileged", "--read-only")
        .refusedValue(NO_IMAGES, "--net", "--network", "--mount", "--restart", "--env-file")
        .refusedValue(NO_IMAGES, "--add-host", "--cpus", "--device", "--gpus", "--hostname")
        .refusedValue(NO_IMAGES, "-m", "--memory", "--platform", "--shm-size", "--tmpfs")
        .arguments(1)
        .stopAtArguments();
  }

  private static Command pull() {
    return ServiceCommands.progress("pull", "Pull service images")
        .flag("Skip services that are built", "--ignore-buildable")
        .flag("Pull what can be pulled", "--ignore-pull-failures")
        .flag("Pull what the services depend on too", "--include-deps")
        .value("policy", "missing or always (default)", "--policy")
        .flag("Print no progress", "-q", "--quiet")
        .former("--parallel", "--no-parallel");
  }

  private static Command push() {
    return ServiceCommands.progress("push", "Push images of services that are built")
        .flag("Push what can be pushed", "--ignore-push-failures")
        .flag("Push the images of what the services depend on too", "--include-deps")
        .flag("Print no progress", "-q", "--quiet");
  }

  private static Command config() {
    return new Command("config", SERVICES, "Parse, resolve and print the compose file")
        .flag("Print the environment used for interpolation", "--environment")
        .value(
            "path",
            "Tell which file and line gave each value below a path (. for all)",
            "--explain")
        .value("format", "Format the output: yaml (default) or json", "--format")
        .value("services", "Print the config hash of services (* for all)", "--hash")
        .flag("Print the image names, one a line", "--images")
        .flag("Find what is legal and likely wrong; the exit code is 1 for errors only", "--lint")
        .flag("Print an override file with the images' digests", "--lock-image-digests")
        .flag("Print the model names, one a line", "--models")
        .flag("Print the network names, one a line", "--networks")
        .flag("Don't check the model's consistency", "--no-consistency")
        .flag("Don't resolve env files", "--no-env-resolution")
        .flag("Don't interpolate variables", "--no-interpolate")
        .flag("Don't normalize the model", "--no-normalize")
        .flag("Don't resolve paths", "--no-path-resolution")
        .value("file", "Save to a file", "-o", "--output")
        .flag("Print the profile names, one a line", "--profiles")
        .flag("Only validate", "-q", "--quiet")
        .flag("Pin images to the digests that their registries have", "--resolve-image-digests")
        .flag("Print the service names, one a line", "--services")
        .flag("Print the variables and their defaults", "--variables")
        .flag("Print the volume names, one a line", "--volumes");
  }

  private static Command engine() {
    return new Command(
            "engine",
            "[OPTIONS] [status|stop|restart]",
            "Run the engine in the foreground, or end or ask one that runs")
        .words("status", "stop", "restart")
        .value("path", "Engine's settings (default /etc/jcompose/engine.json)", "--config")
        .value("dir", "State root (default /var/lib/jcompose)", "--state")
        .value("dir", "Run root (default /run/jcompose)", "--run")
        .flag("Tell readiness on standard output", "--background")
        .flag(
            "End an engine that runs on the state root already, and go on with its containers",
            "--take-over");
  }
}
