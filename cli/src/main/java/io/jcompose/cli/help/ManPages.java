package io.jcompose.cli.help;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Options;
import io.jcompose.cli.wire.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The manual: one page of the program and one of each command, in man(7)'s macros, made from the
 * model that parses the command line. (picocli's own generator makes AsciiDoc, which another 60 MB
 * of programs would have to turn into these.)
 */
public final class ManPages {
  private static final String FILES =
      """
      .SH FILES
      .TP
      .I /etc/jcompose/engine.json
      The engine's settings.
      .TP
      .I /var/lib/jcompose
      Images, containers, networks, volumes and projects.
      .TP
      .I /run/jcompose
      The engine's socket and log, and what a reboot may lose.
      .TP
      .I /usr/share/doc/jcompose
      The documents that messages name as docs/.
      """;

  private static final String ENVIRONMENT =
      """
      .SH ENVIRONMENT
      .TP
      .B JCOMPOSE_ROOT
      As \\fB\\-\\-root\\fR: state and socket in its folders \\fIlib\\fR and \\fIrun\\fR.
      .TP
      .B JCOMPOSE_HOST
      The engine to ask: a socket as \\fIunix:///path\\fR, where none is started, or another host as \\fIssh://user@host\\fR.
      .TP
      .B JCOMPOSE_CONFIG
      The engine's settings, instead of \\fI/etc/jcompose/engine.json\\fR.
      .TP
      .B COMPOSE_FILE, COMPOSE_PROJECT_NAME, COMPOSE_PROFILES, COMPOSE_ENV_FILES
      As for Docker Compose.
      """;

  private ManPages() {}

  /** All pages by their file names, such as {@code jcompose-up.1}. */
  public static Map<String, String> all() {
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("jcompose.1", program());
    for (String name : Commands.NAMES) {
      pages.put("jcompose-" + name + ".1", page(Objects.requireNonNull(Commands.find(name))));
    }
    return pages;
  }

  private static String program() {
    StringBuilder text = new StringBuilder(title("JCOMPOSE"));
    text.append(".SH NAME\njcompose \\- run compose files\n");
    text.append(".SH SYNOPSIS\n.B jcompose\n[OPTIONS] COMMAND\n.SH DESCRIPTION\n");
    text.append("Runs the services of a compose file as isolated processes, with their images,\n");
    text.append("networks and volumes, and keeps them as the file says. The first command that\n");
    text.append("needs the engine starts one where none runs.\n");
    text.append(options(GlobalOptions.all())).append(".SH COMMANDS\n");
    for (String name : Commands.NAMES) {
      Command command = Objects.requireNonNull(Commands.find(name));
      text.append(".TP\n.BR jcompose\\-").append(escaped(name)).append(" (1)\n");
      text.append(escaped(command.description())).append(".\n");
    }
    return text.append(ENVIRONMENT).append(FILES).toString();
  }

  private static String page(Command command) {
    String name = "jcompose-" + command.name();
    return title(name.toUpperCase(Locale.ROOT))
        + ".SH NAME\n"
        + escaped(name)
        + " \\- "
        + escaped(command.description())
        + "\n.SH SYNOPSIS\n.B jcompose "
        + escaped(command.name())
        + "\n"
        + escaped(command.usage())
        + "\n.SH DESCRIPTION\n"
        + escaped(command.description())
        + ".\n"
        + options(command)
        + ".SH SEE ALSO\n.BR jcompose (1)\n";
  }

  private static String title(String name) {
    String version = "jcompose " + Version.TEXT;
    return ".TH " + escaped(name) + " 1 \"\" \"" + version + "\" \"jcompose\"\n";
  }

  private static String options(Command command) {
    List<String> entries = new ArrayList<>();
    for (OptionSpec option : command.shown()) {
      StringBuilder entry = new StringBuilder(".TP\n");
      String names =
          String.join("\\fR, \\fB", Options.names(option).stream().map(ManPages::escaped).toList());
      entry.append("\\fB").append(names).append("\\fR");
      if (!Options.label(option).isEmpty()) {
        entry.append(" \\fI").append(escaped(Options.label(option))).append("\\fR");
      }
      entries.add(
          entry.append('\n').append(escaped(Options.description(option))).append(".\n").toString());
    }
    return entries.isEmpty() ? "" : ".SH OPTIONS\n" + String.join("", entries);
  }

  /** Text that roff takes for nothing else: a dash is a dash, and no line is a request. */
  private static String escaped(String text) {
    String safe = text.replace("\\", "\\e").replace("-", "\\-");
    return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
  }
}
