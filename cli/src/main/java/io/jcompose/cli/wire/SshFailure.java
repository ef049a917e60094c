package io.jcompose.cli.wire;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import java.util.Locale;

/** Says in one sentence what kept a command from the engine of another host. Pure. */
final class SshFailure {
  /** What the script that runs ssh ends with where there is none. */
  static final int NO_SSH = 254;

  /** Of ssh itself; any other is the program's there. */
  private static final int SSH_FAILED = 255;

  private static final int NOT_FOUND = 127;

  private SshFailure() {}

  /**
   * @param exitCode of ssh
   * @param words what it, and the program there, wrote on standard error
   */
  static CommandFailure of(SshHost host, int exitCode, String words) {
    return new CommandFailure(sentence(host, exitCode, words.strip()), 1);
  }

  private static String sentence(SshHost host, int exitCode, String words) {
    String there = host.host();
    if (exitCode == NO_SSH) {
      return "there is no program ssh, which comes to " + there + ": install openssh-client";
    }
    if (exitCode == SSH_FAILED) {
      return ofSsh(host, last(words));
    }
    if (words.contains("unknown jcompose command")) {
      return "jcompose on "
          + there
          + " is too old to be used from another host: install "
          + Version.TEXT
          + " there, as here";
    }
    if (exitCode == NOT_FOUND) {
      return "jcompose is not installed on "
          + there
          + ", or not in the PATH that commands by ssh have: `ssh "
          + host.target()
          + " jcompose version` must work";
    }
    return words.isEmpty()
        ? "ssh to " + there + " ended with " + exitCode + ", before the engine answered"
        : "on " + there + ": " + words;
  }

  private static String ofSsh(SshHost host, String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    String tried = "; `ssh " + host.target() + " true` must work";
    if (lower.contains("could not resolve")) {
      return "there is no host " + host.host() + " (" + word + "): look at the name" + tried;
    }
    if (lower.contains("permission denied") || lower.contains("too many authentication")) {
      return host.host()
          + " refused your key ("
          + word
          + "): add it to the user's authorized_keys there"
          + tried;
    }
    if (lower.contains("host key verification failed")) {
      return "the key of " + host.host() + " is not known here, or has changed" + tried;
    }
    return "ssh cannot come to " + host.host() + " (" + word + ")" + tried;
  }

  /** What ssh says last is why it ends. */
  private static String last(String words) {
    String line = words.substring(words.lastIndexOf('\n') + 1).strip();
    return line.isEmpty() ? "it says nothing" : line;
  }

  /**
   * Warns of an engine of another version.
   *
   * @throws CommandFailure when it speaks in another way
   */
  static void checkVersion(SshHost host, String greeting) {
    String version = greeting.substring(greeting.lastIndexOf(' ') + 1);
    if (!greeting.startsWith(DialWords.GREETING)) {
      throw new CommandFailure(
          "jcompose "
              + Version.TEXT
              + " here and "
              + version
              + " on "
              + host.host()
              + " do not understand each other: install the same version",
          1);
    }
    if (!version.equals(Version.TEXT)) {
      Consoles.current()
          .complain(
              ("WARN[0000] jcompose "
                  + Version.TEXT
                  + " here, "
                  + Printable.text(version)
                  + " on "
                  + host.host()
                  + ": options that only one has may be passed over\n"));
    }
  }
}
