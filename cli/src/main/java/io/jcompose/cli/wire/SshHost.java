package io.jcompose.cli.wire;

import io.jcompose.cli.terminal.CommandFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An engine on another host, as {@code ssh://[user@]host[:port][/path/of/its/socket]} names it.
 * Immutable.
 *
 * @param user empty for what ssh takes
 * @param port empty for what ssh takes
 * @param socket empty for the usual one there
 */
public record SshHost(String user, String host, String port, String socket) {
  public static final String SCHEME = "ssh://";

  /**
   * Names as people have them, and nothing that a shell takes for more: ssh gives them to the shell
   * where the user's configuration has a ProxyCommand, or a Match with exec. The path is a word of
   * its own there, of one line.
   */
  private static final Pattern FORM =
      Pattern.compile(
          "ssh://(?:([\\p{L}\\p{N}._+\\\\-]*[\\p{L}\\p{N}._+-])@)?"
              + "(\\[[0-9a-fA-F:.]+(?:%[0-9a-zA-Z._-]+)?]|[\\p{L}\\p{N}._+-]+)(?::([0-9]{1,5}))?(/[^?#\\p{Cntrl}]*)?");

  private static final Pattern PASSWORD = Pattern.compile("(?<=//)([^@/:]*):[^@/]*@");

  /**
   * @throws CommandFailure with the form that is wanted
   */
  public static SshHost parse(String text) {
    Matcher form = FORM.matcher(text);
    boolean fits = form.matches();
    String user = fits && form.group(1) != null ? form.group(1) : "";
    String host = fits ? form.group(2) : "";
    // A word that begins with a dash would be an option of ssh.
    if (!fits || host.startsWith("-") || user.startsWith("-")) {
      throw new CommandFailure(
          "cannot make out the host in "
              + PASSWORD.matcher(text).replaceFirst("$1:…@")
              + ": the form is ssh://[user@]host[:port][/path/of/the/socket], without a password",
          1);
    }
    String path = form.group(4) == null || form.group(4).equals("/") ? "" : form.group(4);
    String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new SshHost(user, name, form.group(3) == null ? "" : form.group(3), path);
  }

  /** What a person gives to ssh to come there. */
  public String target() {
    return (port.isEmpty() ? "" : "-p " + port + " ") + (user.isEmpty() ? "" : user + "@") + host;
  }

  /**
   * What to give to ssh for a connection to the engine. A host that went away ends it after a
   * minute.
   *
   * @param starts whether an engine is started where none runs
   */
  List<String> arguments(boolean starts) {
    List<String> words = new ArrayList<>();
    for (String option :
        List.of("ConnectTimeout=30", "ServerAliveInterval=20", "ServerAliveCountMax=3")) {
      words.add("-o");
      words.add(option);
    }
    words.add("-T");
    if (!user.isEmpty()) {
      words.addAll(List.of("-l", user));
    }
    if (!port.isEmpty()) {
      words.addAll(List.of("-p", port));
    }
    words.addAll(List.of("--", host, "jcompose", DialWords.COMMAND));
    if (!starts) {
      words.add("--running");
    }
    if (!socket.isEmpty()) {
      words.add("'" + socket.replace("'", "'\\''") + "'"); // for the shell there
    }
    return words;
  }
}
