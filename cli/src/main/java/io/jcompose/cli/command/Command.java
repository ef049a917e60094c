package io.jcompose.cli.command;

import java.util.ArrayList;
import java.util.List;

/**
 * What can be typed of one command: its name, options and words. Built by {@code Commands}, only
 * for the command that was given; what carries it out is known elsewhere.
 */
public final class Command {
  public final String name;
  public final String description;
  public final String usage;
  public final List<Option> options = new ArrayList<>();
  public boolean flagsStopAtArguments;
  public int leastArguments;
  public int mostArguments = Integer.MAX_VALUE;

  /** The names of a group's commands; empty for all but groups. */
  public List<String> members = List.of();

  Command(String name, String usage, String description) {
    this.name = name;
    this.usage = usage;
    this.description = description;
  }

  Command flag(String description, String... names) {
    options.add(new Option(List.of(names), Option.Kind.FLAG, "", description, ""));
    return this;
  }

  Command value(String label, String description, String... names) {
    options.add(new Option(List.of(names), Option.Kind.VALUE, label, description, ""));
    return this;
  }

  Command list(String label, String description, String... names) {
    options.add(new Option(List.of(names), Option.Kind.LIST, label, description, ""));
    return this;
  }

  /** Flags of Docker Compose that are recognised and refused. */
  Command refused(String why, String... names) {
    for (String name : names) {
      options.add(new Option(List.of(name), Option.Kind.FLAG, "", "", why));
    }
    return this;
  }

  /** A flag that Docker Compose still takes without a word in its help, and that does nothing. */
  Command former(String... names) {
    options.add(new Option(List.of(names), Option.Kind.FLAG, "", "", ""));
    return this;
  }

  /** Options with a value, of Docker Compose, that are recognised and refused. */
  Command refusedValue(String why, String... names) {
    for (String name : names) {
      options.add(new Option(List.of(name), Option.Kind.LIST, "value", "", why));
    }
    return this;
  }

  /** Fewer words than these are refused. */
  Command arguments(int least) {
    leastArguments = least;
    return this;
  }

  /** More words than these are refused: they would be passed over. */
  Command atMost(int most) {
    mostArguments = most;
    return this;
  }

  /** Makes it a group: its first word is a command of these names. */
  Command group(List<String> names) {
    members = names;
    return stopAtArguments();
  }

  /** The options that a person is shown. */
  public List<Option> shown() {
    return options.stream().filter(Option::isShown).toList();
  }

  public boolean hasOption(String name) {
    return options.stream().anyMatch(option -> option.names().contains(name));
  }

  /** Options end at the first argument: what follows belongs to the container's program. */
  Command stopAtArguments() {
    flagsStopAtArguments = true;
    return this;
  }
}
