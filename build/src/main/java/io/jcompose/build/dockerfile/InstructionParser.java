package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Onbuild;
import io.jcompose.build.word.Spaces;
import io.jcompose.core.Spelling;
import java.util.List;
import java.util.Locale;

/** Makes instructions of statements. */
final class InstructionParser {
  private static final List<String> KEYWORDS =
      List.of(
          "ADD",
          "ARG",
          "CMD",
          "COPY",
          "ENTRYPOINT",
          "ENV",
          "EXPOSE",
          "FROM",
          "HEALTHCHECK",
          "LABEL",
          "MAINTAINER",
          "ONBUILD",
          "RUN",
          "SHELL",
          "STOPSIGNAL",
          "USER",
          "VOLUME",
          "WORKDIR");

  private final char escape;

  InstructionParser(char escape) {
    this.escape = escape;
  }

  /**
   * @throws Invalid when the statement is no such instruction
   */
  Instruction parse(Statement statement) {
    Head head = statement.head();
    String text = Spaces.trim(statement.joined().text());
    if (text.indexOf('\0') >= 0) {
      throw new Invalid(0, "a NUL character is in it");
    }
    Parsed parsed = new Parsed(statement, head, statement.place(0), text, escape);
    return switch (head.name()) {
      case "ADD" -> FileInstructions.add(parsed);
      case "ARG" -> ValueInstructions.arg(parsed);
      case "CMD" -> CommandInstructions.cmd(parsed);
      case "COPY" -> FileInstructions.copy(parsed);
      case "ENTRYPOINT" -> CommandInstructions.entrypoint(parsed);
      case "ENV" -> ValueInstructions.env(parsed);
      case "EXPOSE" -> ValueInstructions.expose(parsed);
      case "FROM" -> ValueInstructions.from(parsed);
      case "HEALTHCHECK" -> CommandInstructions.healthcheck(parsed);
      case "LABEL" -> ValueInstructions.label(parsed);
      case "MAINTAINER" -> ValueInstructions.maintainer(parsed);
      case "ONBUILD" -> onbuild(parsed);
      case "RUN" -> CommandInstructions.run(parsed);
      case "SHELL" -> CommandInstructions.shell(parsed);
      case "STOPSIGNAL" -> ValueInstructions.stopsignal(parsed);
      case "USER" -> ValueInstructions.user(parsed);
      case "VOLUME" -> ValueInstructions.volume(parsed);
      case "WORKDIR" -> ValueInstructions.workdir(parsed);
      default -> throw unknown(head);
    };
  }

  private static Invalid unknown(Head head) {
    String keyword = head.keyword();
    String meant =
        Spelling.closest(keyword.toUpperCase(Locale.ROOT), KEYWORDS)
            .map(each -> " (did you mean " + each + "?)")
            .orElse("");
    String shown = keyword.length() > 100 ? keyword.substring(0, 100) + "…" : keyword;
    return new Invalid(head.at(), "unknown instruction: " + shown + meant);
  }

  private Onbuild onbuild(Parsed parsed) {
    parsed.flags(Flags.NONE);
    int at = parsed.head().restAt();
    Head inner = Head.of(parsed.joined(), at);
    switch (inner.name()) {
      case "" -> throw new Invalid(at, "ONBUILD requires at least one argument");
      case "ONBUILD" ->
          throw new Invalid(at, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
      case "FROM", "MAINTAINER" ->
          throw new Invalid(at, inner.name() + " isn't allowed as an ONBUILD trigger");
      default ->
          parse(
              new Statement(
                  parsed.statement().joined(),
                  inner,
                  parsed.heredocs(),
                  parsed.place().endLine(),
                  false));
    }
    StringBuilder trigger = new StringBuilder(parsed.head().rest());
    parsed
        .heredocs()
        .forEach(each -> trigger.append('\n').append(each.content()).append(each.name()));
    return new Onbuild(parsed.place(), parsed.text(), trigger.toString());
  }
}
