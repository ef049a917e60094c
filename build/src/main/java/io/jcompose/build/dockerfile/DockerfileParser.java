package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.Arg;
import io.jcompose.build.instruction.From;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Place;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One reading of one Dockerfile; used once, by one thread. */
final class DockerfileParser {
  static final int MAX_BYTES = 4 << 20;
  private static final int MOST_INSTRUCTIONS = 50_000;
  private static final int MOST_STAGES = 1_000;

  private final SourceLines source;
  private final Problems problems;
  private final List<Problem> warnings = new ArrayList<>();
  private final List<Arg> metaArgs = new ArrayList<>();
  private final List<Stage> stages = new ArrayList<>();
  private @Nullable From from;
  private List<Instruction> instructions = new ArrayList<>();
  private Directives directives = Directives.DEFAULT;
  private int count;

  DockerfileParser(byte[] content, String name) {
    this.problems = new Problems(name);
    if (content.length > MAX_BYTES) {
      problems.add(
          new Place(1, 1, 1), "the file has " + content.length + " bytes, more than " + MAX_BYTES);
      problems.check();
    }
    this.source = SourceLines.of(content);
  }

  void parse() {
    directives = new DirectiveReader(source, problems).read();
    problems.check();
    read(directives.escape());
    endStage();
    Place end = new Place(Math.max(1, source.size()), Math.max(1, source.size()), 1);
    if (count == 0) {
      problems.check();
      problems.add(
          end, source.size() == 0 ? "the Dockerfile cannot be empty" : "file with no instructions");
    } else if (stages.isEmpty()) {
      problems.check();
      problems.add(end, "the file has no FROM, and so no stage to build");
    }
    problems.check();
  }

  List<String> lines() {
    return source.withoutEnds();
  }

  Directives directives() {
    return directives;
  }

  List<Arg> metaArgs() {
    return metaArgs;
  }

  List<Stage> stages() {
    return stages;
  }

  List<Problem> warnings() {
    return warnings;
  }

  /** The only instruction of the file. */
  Instruction parseOne() {
    StatementReader reader = new StatementReader(source, '\\', problems);
    Statement statement = reader.next();
    problems.check();
    Place start = new Place(1, 1, 1);
    Instruction instruction = null;
    if (statement == null || reader.next() != null) {
      problems.add(start, "an ONBUILD trigger must be one instruction");
    } else {
      instruction = instruction(new InstructionParser('\\'), statement);
    }
    if (instruction instanceof From) {
      problems.add(start, "FROM isn't allowed as an ONBUILD trigger");
    }
    problems.check();
    if (instruction == null) {
      throw new IllegalStateException("no instruction and no problem");
    }
    return instruction;
  }

  private void read(char escape) {
    InstructionParser parser = new InstructionParser(escape);
    StatementReader reader = new StatementReader(source, escape, problems);
    Statement statement = reader.next();
    while (statement != null) {
      if (++count > MOST_INSTRUCTIONS || stages.size() > MOST_STAGES) {
        problems.add(
            statement.place(0),
            "more than " + MOST_INSTRUCTIONS + " instructions or " + MOST_STAGES + " stages");
        return;
      }
      if (statement.hasEmptyLines()) {
        warnings.add(
            new Problem(
                new Place(statement.lastLine(), statement.lastLine(), 1),
                "Empty continuation line"));
      }
      Instruction instruction = instruction(parser, statement);
      if (instruction != null) {
        add(instruction);
      }
      statement = reader.next();
    }
  }

  private @Nullable Instruction instruction(InstructionParser parser, Statement statement) {
    try {
      return parser.parse(statement);
    } catch (Invalid e) {
      problems.add(statement.place(e.at()), e.reason());
      // What follows a FROM that cannot be read is of its stage all the same.
      if (statement.head().name().equals("FROM")) {
        Place place = statement.place(0);
        add(new From(place, "FROM scratch", "scratch", null, null));
      }
      return null;
    }
  }

  private void add(Instruction instruction) {
    if (instruction instanceof From next) {
      endStage();
      from = next;
    } else if (from != null) {
      instructions.add(instruction);
    } else if (instruction instanceof Arg arg) {
      metaArgs.add(arg);
    } else {
      problems.add(
          instruction.place(),
          "no build stage in current context: only ARG may come before the first FROM");
    }
  }

  private void endStage() {
    if (from != null) {
      stages.add(new Stage(stages.size(), from, from.alias(), instructions));
      instructions = new ArrayList<>();
    }
  }
}
