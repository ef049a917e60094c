package io.jcompose.cli.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

  /** All that may be the first word, in the order of the alphabet. */
  static String[] all() {
    Set<String> all = words();
    all.addAll(GROUPS.keySet());
    all.add("compose");
    return all.toArray(new String[0]);
  }

  /** The words that need no group, in the order of the alphabet. */
  public static Set<String> words() {
    return new TreeSet<>(SHORT.keySet());
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
    Command command = DockerModels.of(name);
    return command == null ? null : command.dockers(title);
  }
}
