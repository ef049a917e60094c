package io.jcompose.build.dockerfile;

import io.jcompose.build.dockerfile.Flags.Kind;
import io.jcompose.build.instruction.Add;
import io.jcompose.build.instruction.Copy;
import io.jcompose.build.instruction.Heredoc;
import io.jcompose.build.instruction.Transfer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Parses {@code COPY} and {@code ADD}. */
final class FileInstructions {
  private static final Map<String, Kind> COPY_FLAGS =
      Map.of(
          "from", Kind.STRING,
          "chown", Kind.STRING,
          "chmod", Kind.STRING,
          "link", Kind.BOOL,
          "parents", Kind.BOOL,
          "exclude", Kind.STRINGS);
  private static final Map<String, Kind> ADD_FLAGS =
      Map.of(
          "chown", Kind.STRING,
          "chmod", Kind.STRING,
          "link", Kind.BOOL,
          "exclude", Kind.STRINGS,
          "keep-git-dir", Kind.BOOL,
          "checksum", Kind.STRING,
          "unpack", Kind.BOOL);

  private FileInstructions() {}

  static Copy copy(Parsed parsed) {
    Flags flags = parsed.flags(COPY_FLAGS);
    return new Copy(
        parsed.place(),
        parsed.text(),
        transfer(parsed, flags),
        flags.string("from"),
        flags.isTrue("parents"));
  }

  static Add add(Parsed parsed) {
    Flags flags = parsed.flags(ADD_FLAGS);
    return new Add(
        parsed.place(),
        parsed.text(),
        transfer(parsed, flags),
        flags.bool("keep-git-dir"),
        flags.string("checksum"),
        flags.bool("unpack"));
  }

  private static Transfer transfer(Parsed parsed, Flags flags) {
    String keyword = parsed.head().name();
    List<String> json = JsonStrings.parse(parsed.rest(), parsed.head().restAt());
    List<String> words = json != null ? json : BareWords.atBlanks(parsed.rest());
    if (words.size() < 2) {
      throw parsed.invalid(
          keyword
              + " requires at least two arguments, but "
              + (words.isEmpty() ? "none" : "only one")
              + " was provided. Destination could not be determined");
    }
    if (json == null && Heredoc.mark(words.getLast()) != null) {
      throw parsed.invalid(keyword + " cannot accept a heredoc as a destination");
    }
    List<String> sources = new ArrayList<>();
    int files = 0;
    for (String word : words.subList(0, words.size() - 1)) {
      if (json == null && Heredoc.mark(word) != null) {
        files++;
      } else {
        sources.add(word);
      }
    }
    return new Transfer(
        sources,
        named(parsed, files),
        words.getLast(),
        flags.string("chown"),
        flags.string("chmod"),
        flags.isTrue("link"),
        flags.strings("exclude"));
  }

  /** The here-documents, whose names become files in one folder. */
  private static List<Heredoc> named(Parsed parsed, int count) {
    List<Heredoc> files = parsed.heredocs();
    if (files.size() != count) {
      throw parsed.invalid("a here-document's name must be one word, right behind the <<");
    }
    for (Heredoc file : files) {
      if (file.name().contains("/") || file.name().equals(".") || file.name().equals("..")) {
        throw parsed.invalid("the here-document's name " + file.name() + " is no file name");
      }
    }
    return files;
  }
}
