package io.jcompose.cli.command;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The commands on what the whole host has: {@code volume}, {@code network}, {@code image}, {@code
 * container} and {@code system} with commands of their own, and docker's short forms; as {@link
 * ProjectCommands}.
 */
final class HostCommands {
  private static final String FORMAT = "Format the output: table (default), json or a Go template";
  private static final String ONE_FORMAT = "Format the output by a Go template, or json";
  private static final String FILTER = "Show only what the filter lets through";
  private static final String QUIET = "Only show names";
  private static final String QUIET_IDS = "Only show IDs";
  private static final String NO_TRUNC = "Don't shorten the output";

  private static final Map<String, List<String>> MEMBERS =
      Map.of(
          "volume", List.of("create", "inspect", "ls", "prune", "rm"),
          "network", List.of("connect", "create", "disconnect", "inspect", "ls", "prune", "rm"),
          "builder", List.of("build", "df", "prune"),
          "registry", RegistryCommands.MEMBERS,
          "image",
              List.of(
                  "build", "history", "import", "inspect", "load", "ls", "prune", "pull", "push",
                  "rm", "save", "tag"),
          "container",
              List.of(
                  "attach", "commit", "cp", "create", "diff", "exec", "export", "inspect", "kill",
                  "logs", "ls", "pause", "port", "prune", "rename", "restart", "rm", "run", "start",
                  "stats", "stop", "top", "unpause", "update", "wait"),
          "system", List.of("df", "events", "info", "prune"));

  private HostCommands() {}

  static @Nullable Command find(String name) {
    return switch (name) {
      case "volume" -> group(name, "Manage volumes");
      case "network" -> group(name, "Manage networks");
      case "builder" -> group(name, "Manage what builds keep");
      case "image" -> group(name, "Manage images");
      case "registry" -> group(name, "Serve images by a registry of this engine");
      case "container" -> group(name, "Manage containers by docker's longer words");
      case "system" -> group(name, "Show or clean what the engine keeps");
      case "networks" ->
          list("networks", "List networks of the project", QUIET_IDS)
              .flag("Show the networks of all projects", "-A", "--all-projects")
              .flag(NO_TRUNC, "--no-trunc");
      case "images" -> images();
      case "login" -> login();
      case "logout" ->
          new Command(name, "[SERVER]", "Log out of a registry (default Docker Hub)").atMost(1);
      case "rmi" -> imageRemoval("rmi");
      case "info" -> info(name);
      case "history" -> history("history");
      case "search" ->
          new Command(name, "[OPTIONS] TERM", "Search Docker Hub, or HOST/TERM another registry")
              .list("NAME=VALUE", "Only is-official=true|false, stars=NUMBER", "-f", "--filter")
              .value("format", FORMAT, "--format")
              .value("n", "Show at most n results (default 25, at most 100)", "--limit")
              .flag(NO_TRUNC, "--no-trunc")
              .arguments(1)
              .atMost(1);
      case "import", "load", "save" -> ImageFileCommands.find(name);
      case "tag" -> tag("tag");
      default -> null;
    };
  }

  private static Command login() {
    return new Command("login", "[OPTIONS] [SERVER]", "Log in to a registry (default Docker Hub)")
        .value("password", "Password or token; seen by other users of the host", "-p", "--password")
        .flag("Take the password from standard input", "--password-stdin")
        .value("username", "User's name", "-u", "--username")
        .atMost(1);
  }

  private static Command images() {
    return new Command("images", "[OPTIONS] [SERVICE...]", "List images used by the containers")
        .flag("List all images of the host, as `image ls`", "-a", "--all")
        .flag("Show what all projects have", "-A", "--all-projects")
        .flag("As `image ls --digests`", "--digests")
        .list("NAME=VALUE", "As `image ls --filter`", "-f", "--filter")
        .value("format", FORMAT, "--format")
        .flag("As `image ls --no-trunc`", "--no-trunc")
        .flag("Only show IDs", "-q", "--quiet");
  }

  private static Command group(String name, String description) {
    return new Command(name, "", description).group(MEMBERS.getOrDefault(name, List.of()));
  }

  /** The command of that name, of a group; null when there is none. */
  static @Nullable Command member(String name) {
    return switch (name) {
      case "volume create" ->
          new Command(name, "[OPTIONS] [VOLUME]", "Create a volume")
              .value("driver", "Volume driver: local", "-d", "--driver")
              .list("KEY=VALUE", "Set metadata for the volume", "--label")
              .list("KEY=VALUE", "Set options of the driver: type, o, device", "-o", "--opt")
              .atMost(1);
      case "volume ls" -> list(name, "List volumes", QUIET);
      case "volume inspect" -> inspect(name, "VOLUME...");
      case "volume rm" -> removal(name, "VOLUME...", "Remove volumes that no container has");
      case "volume prune" ->
          prune(name, "Remove unused anonymous volumes")
              .flag("Remove unused named volumes too", "-a", "--all");
      case "network create" -> networkCreation(name);
      case "network ls" -> list(name, "List networks", QUIET_IDS).flag(NO_TRUNC, "--no-trunc");
      case "network inspect" -> inspect(name, "NETWORK...");
      case "network rm" -> removal(name, "NETWORK...", "Remove networks that no container has");
      case "network prune" -> prune(name, "Remove unused networks");
      case "image ls" ->
          list(name, "List images", QUIET_IDS, "[OPTIONS] [REPOSITORY[:TAG]]")
              .flag("Kept for habit: all images are shown", "-a", "--all")
              .flag("Show digests", "--digests")
              .flag(NO_TRUNC, "--no-trunc")
              .atMost(1);
      case "builder build", "image build" -> BuildCommands.image(name);
      case "builder df" -> BuildCommands.df(name);
      case "builder prune" -> BuildCommands.prune(prune(name, "Remove what builds keep"));
      case "image inspect" -> inspect(name, "IMAGE...");
      case "image history" -> history(name);
      case "image rm" -> imageRemoval(name);
      case "image tag" -> tag(name);
      case "image pull" ->
          new Command(name, "[OPTIONS] IMAGE", "Pull an image by its name")
              .value("os/arch", "Platform, where the image has several", "--platform")
              .flag("Print only the image's name", "-q", "--quiet")
              .arguments(1)
              .atMost(1);
      case "image push" ->
          new Command(name, "[OPTIONS] NAME[:TAG]", "Push an image to the registry of its name")
              .flag("Push all images with names of the repository", "-a", "--all-tags")
              .flag("Print only the image's name", "-q", "--quiet")
              .arguments(1)
              .atMost(1);
      case "image import", "image load", "image save" -> ImageFileCommands.find(name);
      case "image prune" ->
          prune(name, "Remove unnamed images that no container has")
              .flag("Remove all images that no container has", "-a", "--all");
      case "container prune" -> prune(name, "Remove stopped containers");
      default -> name.startsWith("registry ") ? RegistryCommands.find(name) : system(name);
    };
  }

  private static @Nullable Command system(String name) {
    return switch (name) {
      case "system info" -> info(name);
      case "system df" ->
          new Command(name, "[OPTIONS]", "Show what is used of the disk")
              .value("format", FORMAT, "--format")
              .flag("Show each image, container and volume", "-v", "--verbose")
              .atMost(0);
      case "system prune" ->
          prune(name, "Remove what nothing uses")
              .flag("Remove all unused images, not only unnamed ones", "-a", "--all")
              .flag("Remove unused anonymous volumes too", "--volumes");
      default -> null;
    };
  }

  private static Command info(String name) {
    return new Command(name, "[OPTIONS]", "Show what the engine has, and warnings")
        .value("format", ONE_FORMAT, "-f", "--format")
        .atMost(0);
  }

  private static Command list(String name, String description, String quiet) {
    return list(name, description, quiet, "[OPTIONS]");
  }

  private static Command list(String name, String description, String quiet, String usage) {
    return new Command(name, usage, description)
        .list("NAME=VALUE", FILTER, "-f", "--filter")
        .value("format", FORMAT, "--format")
        .flag(quiet, "-q", "--quiet")
        .atMost(0);
  }

  private static Command inspect(String name, String usage) {
    return new Command(name, "[OPTIONS] " + usage, "Show all that is known, as JSON")
        .value("format", ONE_FORMAT, "-f", "--format")
        .arguments(1);
  }

  private static Command removal(String name, String usage, String description) {
    return new Command(name, "[OPTIONS] " + usage, description)
        .flag("What is not there is no error", "-f", "--force")
        .arguments(1);
  }

  private static Command imageRemoval(String name) {
    return new Command(name, "[OPTIONS] IMAGE...", "Remove images")
        .flag("Remove names of an image that a container uses, too", "-f", "--force")
        .flag("Kept for habit: layers that no image has go always", "--no-prune")
        .arguments(1);
  }

  private static Command history(String name) {
    return new Command(name, "[OPTIONS] IMAGE", "Show how an image was made")
        .value("format", FORMAT, "--format")
        .flag("Show sizes and ages for people (default true)", "-H", "--human")
        .flag(NO_TRUNC, "--no-trunc")
        .flag(QUIET_IDS, "-q", "--quiet")
        .arguments(1)
        .atMost(1);
  }

  private static Command tag(String name) {
    return new Command(name, "IMAGE NAME[:TAG]", "Give an image a further name")
        .arguments(2)
        .atMost(2);
  }

  private static Command prune(String name, String description) {
    return new Command(name, "[OPTIONS]", description)
        .list(
            "NAME=VALUE",
            "Only what the filter lets through: until=TIME, label=KEY[=VALUE]",
            "--filter")
        .flag("Do not ask", "-f", "--force")
        .atMost(0);
  }

  private static Command networkCreation(String name) {
    return new Command(name, "[OPTIONS] NETWORK", "Create a network")
        .flag("Kept for habit: containers are attached by their files", "--attachable")
        .list("NAME=ADDRESS", "Addresses that no container gets", "--aux-address")
        .value("driver", "Network driver: bridge (default) or macvlan", "-d", "--driver")
        .list("address", "The gateway's address in the subnet", "--gateway")
        .flag("Restrict access from and to outside", "--internal")
        .list("CIDR", "The part of the subnet that containers get addresses of", "--ip-range")
        .flag("Give IPv6 addresses, too", "--ipv6")
        .list("KEY=VALUE", "Set metadata for the network", "--label")
        .list("KEY=VALUE", "Set options of the driver", "-o", "--opt")
        .list("CIDR", "The subnet", "--subnet")
        .arguments(1)
        .atMost(1);
  }
}
