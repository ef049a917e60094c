package io.jcompose.cli.command;

import org.jspecify.annotations.Nullable;

/**
 * The commands that start, end and change the containers of services; as {@link ProjectCommands}.
 */
final class ServiceCommands {
  static final String USAGE = "[OPTIONS] [SERVICE...]";

  private ServiceCommands() {}

  static @Nullable Command find(String name) {
    return switch (name) {
      case "build" -> BuildCommands.services();
      case "start" -> start();
      case "stop" -> stop();
      case "restart" -> restart();
      case "kill" -> kill();
      case "pause" -> progress("pause", "Pause services");
      case "unpause" -> progress("unpause", "Unpause services");
      case "rm" -> rm();
      case "scale" -> scale();
      case "wait" -> waiting();
      default -> ContainerCommands.find(name);
    };
  }

  /** One whose answer is progress. */
  static Command progress(String name, String description) {
    return new Command(name, USAGE, description);
  }

  private static Command start() {
    return progress("start", "Start services")
        .flag("Wait for services to be running or healthy", "--wait")
        .value("seconds", "How long --wait lasts at most", "--wait-timeout");
  }

  private static Command stop() {
    return progress("stop", "Stop services")
        .value("seconds", "Shutdown timeout in seconds", "-t", "--timeout");
  }

  private static Command restart() {
    return progress("restart", "Restart service containers")
        .flag("Don't restart dependent services", "--no-deps")
        .value("seconds", "Shutdown timeout in seconds", "-t", "--timeout");
  }

  private static Command kill() {
    return progress("kill", "Force stop service containers")
        .flag("Remove containers for services not in the file", "--remove-orphans")
        .value("signal", "Signal to send (default SIGKILL)", "-s", "--signal");
  }

  private static Command rm() {
    return new Command("rm", USAGE, "Removes stopped service containers")
        .flag("Don't ask to confirm removal", "-f", "--force")
        .flag("Stop the containers, if required, before removing", "-s", "--stop")
        .flag("Remove any anonymous volumes attached to containers", "-v", "--volumes")
        .former("-a", "--all");
  }

  private static Command scale() {
    return new Command("scale", "[SERVICE=REPLICAS...]", "Scale services")
        .flag("Don't start linked services", "--no-deps")
        .arguments(1);
  }

  private static Command waiting() {
    return new Command(
            "wait", "SERVICE [SERVICE...] [OPTIONS]", "Block until containers of the services stop")
        .flag("Take the project down when the first container stops", "--down-project")
        .arguments(1);
  }
}
