package io.jcompose.cli.command;

import java.util.List;

/**
 * One option of a command.
 *
 * @param names short name first when there is one; the last name's letters are its key
 * @param kind what it takes
 * @param label the value's name in the help
 * @param refusal why it is recognised but not carried out; empty when it is
 */
public record Option(
    List<String> names, Kind kind, String label, String description, String refusal) {
  /** What an option takes. */
  public enum Kind {
    FLAG,
    VALUE,
    LIST
  }

  /** Whether help, manual and completions have it. */
  public boolean isShown() {
    return refusal.isEmpty() && !description.isEmpty();
  }

  /** The name that requests carry, without dashes. */
  String key() {
    return names.get(names.size() - 1).substring(2);
  }
}
