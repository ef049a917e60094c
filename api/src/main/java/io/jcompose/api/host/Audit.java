package io.jcompose.api.host;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.text.HumanText;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line in the engine's log for each request that may change something: which user of the host
 * asked, by the kernel's word (SO_PEERCRED), for what. Never values of options, environment or
 * files, and of a program's words only the first: they may be secret. Stateless.
 */
public final class Audit {
  private static final Logger LOG = LoggerFactory.getLogger("audit");

  /** What only looks; every other request is told. */
  private static final Set<String> READS =
      Set.of(
          "builder/df",
          "config",
          "cp/targets",
          "diff",
          "engine/status",
          "engine/supervisor",
          "events",
          "history",
          "images",
          "image/ls",
          "image/inspect",
          "image/history",
          "inspect",
          "logs",
          "ls",
          "network/inspect",
          "network/ls",
          "networks",
          "port",
          "ps",
          "registries",
          "registry/certificate",
          "registry/ls",
          "registry/status",
          "stats",
          "system/df",
          "system/info",
          "version",
          "top",
          "volume/inspect",
          "volume/ls",
          "volumes",
          "wait");

  /** Whose words after the first are a program with its arguments. */
  private static final Set<String> PROGRAMS = Set.of("exec", "run");

  private static final int MOST_CHARACTERS = 200;
  private static final int MOST_WORDS = 20;

  private Audit() {}

  public static void tell(String user, String name, CommandRequest request) {
    if (!onlyLooks(name) && LOG.isInfoEnabled()) {
      LOG.info(line(user, name, request));
    }
  }

  /**
   * As {@link #tell(String, String, CommandRequest)}, of a call of Docker's API that changes
   * something.
   */
  public static void tell(String user, String call) {
    if (LOG.isInfoEnabled()) {
      LOG.info("user=" + value(user) + " docker=" + value(call));
    }
  }

  /** True for a request that changes nothing, as the lists of what would go are. */
  static boolean onlyLooks(String name) {
    return READS.contains(name) || name.endsWith("/candidates");
  }

  static String line(String user, String name, CommandRequest request) {
    List<String> words = request.arguments();
    int shown = PROGRAMS.contains(name) ? 2 : MOST_WORDS;
    String arguments =
        words.stream().limit(shown).map(Audit::value).collect(Collectors.joining(" "));
    return "user="
        + value(user)
        + " request="
        + value(name)
        + member(" project=", request.projectName())
        + member(" in=", request.member("cwd"))
        + (words.isEmpty()
            ? ""
            : " arguments=[" + arguments + (words.size() > shown ? " …]" : "]"));
  }

  private static String member(String name, String text) {
    return text.isEmpty() ? "" : name + value(text);
  }

  /** In quotes where it could be taken for more than one value. */
  private static String value(String text) {
    String cut = text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "…" : text;
    return cut.matches("[A-Za-z0-9_./:@%+-]+") ? cut : HumanText.quoted(cut);
  }
}
