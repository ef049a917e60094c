package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.Arg;
import io.jcompose.build.instruction.Instruction;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A Dockerfile that is read and right in itself. Immutable.
 *
 * @param name as messages call it
 * @param lines its text
 * @param metaArgs those before the first stage
 * @param stages at least one
 * @param warnings what is read, but should be written another way
 */
public record Dockerfile(
    String name,
    List<String> lines,
    Directives directives,
    List<Arg> metaArgs,
    List<Stage> stages,
    List<Problem> warnings) {
  public Dockerfile {
    lines = List.copyOf(lines);
    metaArgs = List.copyOf(metaArgs);
    stages = List.copyOf(stages);
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads a Dockerfile of at most 4 MiB, in time in proportion to its size.
   *
   * @param name as messages call it
   * @throws DockerfileException with everything that is wrong
   */
  public static Dockerfile parse(byte[] content, String name) {
    DockerfileParser parser = new DockerfileParser(content, name);
    parser.parse();
    return new Dockerfile(
        name,
        parser.lines(),
        parser.directives(),
        parser.metaArgs(),
        parser.stages(),
        parser.warnings());
  }

  /**
   * Reads what an image's {@code ONBUILD} left, which runs right after a {@code FROM} of it. Its
   * places are of the trigger itself.
   *
   * @param trigger one instruction, with its here-documents
   * @param name as messages call it
   * @throws DockerfileException when it is none
   */
  public static Instruction parseTrigger(String trigger, String name) {
    return new DockerfileParser(trigger.getBytes(StandardCharsets.UTF_8), name).parseOne();
  }
}
