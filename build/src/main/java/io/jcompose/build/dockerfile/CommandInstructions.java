package io.jcompose.build.dockerfile;

import io.jcompose.build.dockerfile.Flags.Kind;
import io.jcompose.build.instruction.Cmd;
import io.jcompose.build.instruction.Command;
import io.jcompose.build.instruction.Entrypoint;
import io.jcompose.build.instruction.Healthcheck;
import io.jcompose.build.instruction.Run;
import io.jcompose.build.instruction.Shell;
import io.jcompose.build.mount.MountFlag;
import io.jcompose.build.word.WordException;
import io.jcompose.core.time.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Parses the instructions that have a command line. */
final class CommandInstructions {
  private static final Map<String, Kind> RUN_FLAGS =
      Map.of(
          "mount", Kind.STRINGS,
          "network", Kind.STRING,
          "security", Kind.STRING,
          "device", Kind.STRINGS);
  private static final Map<String, Kind> HEALTH_FLAGS =
      Map.of(
          "interval", Kind.STRING,
          "timeout", Kind.STRING,
          "start-period", Kind.STRING,
          "start-interval", Kind.STRING,
          "retries", Kind.STRING);
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private CommandInstructions() {}

  static Run run(Parsed parsed) {
    Flags flags = parsed.flags(RUN_FLAGS);
    if (!flags.strings("device").isEmpty()) {
      throw new Invalid(
          flags.at("device", 0), "RUN --device is not supported; take it from the instruction");
    }
    Command command = command(parsed.rest(), parsed.head().restAt());
    if (command.words().isEmpty()) {
      throw parsed.invalid("RUN requires at least one argument");
    }
    return new Run(
        parsed.place(),
        parsed.text(),
        command,
        parsed.heredocs(),
        mounts(flags),
        choice(flags, "network", Run.Network.DEFAULT, Run.Network.values()),
        choice(flags, "security", Run.Security.SANDBOX, Run.Security.values()));
  }

  private static List<MountFlag> mounts(Flags flags) {
    List<MountFlag> mounts = new ArrayList<>();
    for (String value : flags.strings("mount")) {
      try {
        MountFlag mount = MountFlag.parse(value);
        if (!mount.hasVariables()) {
          mount.resolve(word -> word);
        }
        mounts.add(mount);
      } catch (WordException e) {
        throw new Invalid(flags.at("mount", mounts.size()), e.reason());
      }
    }
    return mounts;
  }

  private static <E extends Enum<E>> E choice(Flags flags, String name, E preset, E[] all) {
    String value = flags.string(name);
    if (value == null) {
      return preset;
    }
    for (E each : all) {
      if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
        return each;
      }
    }
    String known =
        Arrays.stream(all)
            .map(each -> each.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    throw new Invalid(
        flags.at(name, 0), "unsupported " + name + " mode \"" + value + "\"; there are " + known);
  }

  static Cmd cmd(Parsed parsed) {
    parsed.flags(Flags.NONE);
    return new Cmd(parsed.place(), parsed.text(), command(parsed.rest(), parsed.head().restAt()));
  }

  static Entrypoint entrypoint(Parsed parsed) {
    parsed.flags(Flags.NONE);
    return new Entrypoint(
        parsed.place(), parsed.text(), command(parsed.rest(), parsed.head().restAt()));
  }

  static Shell shell(Parsed parsed) {
    parsed.flags(Flags.NONE);
    Command command = command(parsed.rest(), parsed.head().restAt());
    if (command.words().isEmpty() || (command.shellForm() && command.line().isEmpty())) {
      throw parsed.invalid("SHELL requires at least one argument");
    }
    if (command.shellForm()) {
      throw parsed.invalid("SHELL requires the arguments to be in JSON form");
    }
    return new Shell(parsed.place(), parsed.text(), command.words());
  }

  private static Command command(String rest, int at) {
    List<String> json = JsonStrings.parse(rest, at);
    return json != null ? new Command(false, json) : new Command(true, List.of(rest));
  }

  static Healthcheck healthcheck(Parsed parsed) {
    Flags flags = parsed.flags(HEALTH_FLAGS);
    String rest = parsed.rest();
    Head typed = Head.of(rest, 0);
    int end = typed.keyword().length();
    String type = typed.keyword().toUpperCase(Locale.ROOT);
    String command = rest.substring(end).strip();
    Command test =
        switch (type) {
          case "" -> throw parsed.invalid("HEALTHCHECK requires at least one argument");
          case "NONE" -> {
            if (!command.isEmpty()) {
              throw parsed.invalid("HEALTHCHECK NONE takes no arguments");
            }
            yield null;
          }
          case "CMD" -> probe(parsed, command);
          default -> throw parsed.invalid("Unknown type \"" + type + "\" in HEALTHCHECK (try CMD)");
        };
    return new Healthcheck(
        parsed.place(),
        parsed.text(),
        test,
        duration(flags, "interval"),
        duration(flags, "timeout"),
        duration(flags, "start-period"),
        duration(flags, "start-interval"),
        retries(flags));
  }

  private static Command probe(Parsed parsed, String line) {
    Command command = command(line, parsed.head().restAt());
    if (line.isEmpty() || command.words().isEmpty()) {
      throw parsed.invalid("Missing command after HEALTHCHECK CMD");
    }
    return command;
  }

  private static Duration duration(Flags flags, String name) {
    String value = flags.string(name);
    if (value == null) {
      return Duration.ZERO;
    }
    Duration duration =
        GoDuration.parse(value)
            .orElseThrow(
                () ->
                    new Invalid(
                        flags.at(name, 0), "--" + name + " is no duration like 1m30s: " + value));
    if (!duration.isZero() && duration.compareTo(SHORTEST) < 0) {
      throw new Invalid(flags.at(name, 0), "Interval \"" + name + "\" cannot be less than 1ms");
    }
    return duration;
  }

  private static int retries(Flags flags) {
    String value = flags.string("retries");
    if (value == null) {
      return 0;
    }
    if (!value.matches("[+-]?[0-9]{1,10}") || Long.parseLong(value) > Integer.MAX_VALUE) {
      throw new Invalid(flags.at("retries", 0), "--retries is no number: " + value);
    }
    if (value.startsWith("-")) {
      throw new Invalid(flags.at("retries", 0), "--retries cannot be negative (" + value + ")");
    }
    return Integer.parseInt(value);
  }
}
