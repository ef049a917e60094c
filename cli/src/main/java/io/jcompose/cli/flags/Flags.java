package io.jcompose.cli.flags;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.terminal.Consoles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The flags that were given to a command, by their long names without dashes; each kind of value
 * read as docker reads it. Immutable.
 *
 * @param command whose flags they are
 * @param options as the parser gives them
 * @param env of whoever gives the command
 * @param folder that paths are relative to
 */
public record Flags(
    Command command, Map<String, Object> options, Map<String, String> env, String folder) {
  private static final long NANOS = 1_000_000_000L;

  /** Whether a flag was given, and not switched off. */
  public boolean is(String name) {
    return Boolean.TRUE.equals(options.get(name));
  }

  /** Whether it was given at all. */
  public boolean isGiven(String name) {
    return options.containsKey(name);
  }

  /** Its value; empty when it was not given. */
  public String text(String name) {
    Object value = options.get(name);
    return value == null ? "" : value.toString();
  }

  /** All of its values. */
  public List<String> all(String name) {
    return options.get(name) instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of();
  }

  /** A whole number; 0 when it was not given. */
  public long number(String name) {
    return parsed(name, text -> text.isEmpty() ? 0 : Quantity.whole(text));
  }

  /** A size of memory, {@code 64m}. */
  long bytes(String name) {
    return parsed(name, text -> text.isEmpty() ? 0 : Quantity.bytes(text));
  }

  /** A size of memory, or -1 for any. */
  long bytesOrAny(String name) {
    return parsed(name, text -> text.isEmpty() ? 0 : text.equals("-1") ? -1 : Quantity.bytes(text));
  }

  /** A duration, {@code 1m30s}. */
  long nanos(String name) {
    return parsed(name, text -> text.isEmpty() ? 0 : Quantity.nanos(text));
  }

  /** A number of processors, in billionths. */
  long billionths(String name) {
    return parsed(name, text -> text.isEmpty() ? 0 : Quantity.rational(text, NANOS));
  }

  /** One value, read by {@code reading}, which throws {@link IllegalArgumentException} with why. */
  <T> T parsed(String name, Function<String, T> reading) {
    return parsed(name, text(name), reading);
  }

  /** All values, read so. */
  <T> List<T> parsedAll(String name, Function<String, T> reading) {
    return all(name).stream().map(text -> parsed(name, text, reading)).toList();
  }

  private <T> T parsed(String name, String text, Function<String, T> reading) {
    try {
      return reading.apply(text);
    } catch (IllegalArgumentException e) {
      throw InvalidFlag.of(command.shownName(name), text, String.valueOf(e.getMessage()));
    }
  }

  /** The path from the command's folder. */
  Path path(String text) {
    return Path.of(folder).resolve(text);
  }

  /**
   * The text of a file of the caller's, which is read with their rights.
   *
   * @throws IllegalArgumentException for what is there and cannot be read
   */
  String file(String name) {
    Consoles.current().requireOwn();
    try {
      if (Files.isDirectory(path(name))) {
        throw new IllegalArgumentException("read " + name + ": is a directory");
      }
      return Files.readString(path(name));
    } catch (NoSuchFileException e) {
      throw InvalidFlag.conflict("open " + name + ": no such file or directory");
    } catch (IOException e) {
      throw new IllegalArgumentException("read " + name + ": " + e.getMessage(), e);
    }
  }
}
