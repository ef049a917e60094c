package io.jcompose.cli.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The commands of docker's own command line. Each has a long name, {@code container ls}, and may
 * have short ones, {@code ps}. Built when they are asked for.
 */
public final class DockerCommands {
  /** What docker has for a swarm or for what this engine does not have. */
  private static final Map<String, String> REFUSED = refused();

  private static final Map<String, String> SHORT = shortWords();

  private static final Map<String, List<String>> GROUPS = groups();

  private static final String FORMAT = "Format the output: table (default), json or a Go template";
  private static final String CONTAINERS = "CONTAINER [CONTAINER...]";

  private DockerCommands() {}

  private static Map<String, String> shortWords() {
    Map<String, String> words = new LinkedHashMap<>();
    for (String word :
        "run exec logs attach commit cp create diff export kill pause port rename restart rm start stats stop top unpause update wait"
            .split(" ")) {
      words.put(word, "container " + word);
    }
    for (String word : "build history import load pull push save tag".split(" ")) {
      words.put(word, "image " + word);
    }
    words.put("ps", "container ls");
    words.put("images", "image ls");
    words.put("rmi", "image rm");
    words.put("info", "system info");
    words.put("events", "system events");
    for (String word : "inspect login logout search version".split(" ")) {
      words.put(word, word);
    }
    return words;
  }

  private static Map<String, List<String>> groups() {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    groups.put("builder", List.of("build", "prune"));
    groups.put(
        "container",
        List.of(
            "attach", "commit", "cp", "create", "diff", "exec", "export", "inspect", "kill", "logs",
            "ls", "pause", "port", "prune", "rename", "restart", "rm", "run", "start", "stats",
            "stop", "top", "unpause", "update", "wait"));
    groups.put(
        "image",
        List.of(
            "build", "history", "import", "inspect", "load", "ls", "prune", "pull", "push", "rm",
            "save", "tag"));
    groups.put(
        "network", List.of("connect", "create", "disconnect", "inspect", "ls", "prune", "rm"));
    groups.put("system", List.of("df", "events", "info", "prune"));
    groups.put("volume", List.of("create", "inspect", "ls", "prune", "rm"));
    groups.put("buildx", List.of("build"));
    return groups;
  }

  private static Map<String, String> refused() {
    Map<String, String> words = new LinkedHashMap<>();
    for (String word : "config node secret service stack swarm".split(" ")) {
      words.put(word, "there is no swarm; a project is brought up by `docker compose up -d`");
    }
    words.put("bake", "the images of a compose file are built by `docker compose build`");
    words.put("checkpoint", "running programs are not saved");
    words.put("context", "an engine is chosen by -H or DOCKER_HOST");
    words.put("manifest", "lists of platforms are not made here");
    words.put("plugin", "the engine takes no plugins");
    words.put("trust", "signatures of images are not checked");
    return words;
  }

  /** Docker's options before the command. */
  public static Command globals() {
    return new Command("", "[OPTIONS] COMMAND [ARG...]", "Run containers by docker's words")
        .value("dir", "Folder of the client's config.json", "--config")
        .value("name", "Kept for habit: only default", "-c", "--context")
        .flag("Kept for habit: the engine has a log of its own", "-D", "--debug")
        .value("address", "The engine: unix:///path or ssh://[user@]host[:port]", "-H", "--host")
        .value("level", "Kept for habit, as --debug", "-l", "--log-level")
        .flag("Show the version", "-v", "--version")
        .refused("an engine is reached by its socket or by ssh", "--tls", "--tlsverify")
        .refusedValue(
            "an engine is reached by its socket or by ssh", "--tlscacert", "--tlscert", "--tlskey")
        .stopAtArguments()
        .dockers("docker");
  }

  /** Names of groups, as {@code container}. */
  public static boolean isGroup(String word) {
    return GROUPS.containsKey(word);
  }

  /** All of them. */
  public static List<String> groupNames() {
    return List.copyOf(GROUPS.keySet());
  }

  /** The commands of a group. */
  public static List<String> members(String group) {
    return GROUPS.getOrDefault(group, List.of());
  }

  /** The words that need no group, in the order of the alphabet. */
  public static Set<String> words() {
    return new java.util.TreeSet<>(SHORT.keySet());
  }

  /** Why a word of docker's is not carried out; null for others. */
  public static @Nullable String refusal(String word) {
    return REFUSED.get(word);
  }

  /** The command that a word of its own means; null where there is none. */
  public static @Nullable Command find(String word) {
    String name = SHORT.get(word);
    return name == null ? null : make(name, "docker " + word);
  }

  /** The command that a word means in a group; null where there is none. */
  public static @Nullable Command member(String group, String word) {
    String name =
        switch (word) {
          case "list", "ps" -> "ls";
          case "remove" -> "rm";
          default -> word;
        };
    boolean known = members(group).contains(name);
    boolean builds = group.equals("buildx") || group.equals("builder");
    String canonical = (builds && name.equals("build") ? "image" : group) + " " + name;
    return known ? make(canonical, "docker " + group + " " + name) : null;
  }

  /**
   * One of those that jcompose has in its groups as well, by jcompose's name for it; null for
   * others.
   */
  static @Nullable Command ofGroup(String name) {
    return switch (name) {
      case "container create",
          "container run",
          "container update",
          "network connect",
          "network disconnect",
          "system events" ->
          make(name, "jcompose " + name);
      default -> null;
    };
  }

  private static @Nullable Command make(String name, String title) {
    Command command =
        switch (name) {
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
    return command == null ? null : command.dockers(title);
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
