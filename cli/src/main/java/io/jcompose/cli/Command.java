package io.jcompose.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * One command as the command line knows it: its options and what carries it out. Built by {@link
 * Commands}, only for the command that was given.
 */
final class Command {
  final String name;
  final String description;
  final String usage;
  final List<Option> options = new ArrayList<>();
  final Action action;
  boolean flagsStopAtArguments;
  int leastArguments;
  int mostArguments = Integer.MAX_VALUE;

  Command(String name, String usage, String description, Action action) {
    this.name = name;
    this.usage = usage;
    this.description = description;
    this.action = action;
  }

  /** What carries a command out; returns the exit code. */
  @FunctionalInterface
  interface Action {
    int run(Invocation invocation) throws java.io.IOException;
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

  /** Options end at the first argument: what follows belongs to the container's program. */
  Command stopAtArguments() {
    flagsStopAtArguments = true;
    return this;
  }
}
