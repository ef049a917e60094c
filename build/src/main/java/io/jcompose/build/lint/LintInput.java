package io.jcompose.build.lint;

import io.jcompose.build.ignore.IgnoreFile;
import java.util.Map;

/**
 * What a check may know beside the Dockerfile.
 *
 * @param args the build's, {@code --build-arg}
 * @param platforms the arguments that every build has: {@code TARGETPLATFORM} and the like
 * @param ignore what the context leaves out
 * @param baseVariables of the images that stages begin with, by the stage's index; where a stage
 *     has none here, what its image defines is not known, and no variable is called undefined
 */
public record LintInput(
    Map<String, String> args,
    Map<String, String> platforms,
    IgnoreFile ignore,
    Map<Integer, Map<String, String>> baseVariables) {
  public static final LintInput NONE = new LintInput(Map.of(), Map.of(), IgnoreFile.NONE, Map.of());

  public LintInput {
    args = Map.copyOf(args);
    platforms = Map.copyOf(platforms);
    baseVariables = Map.copyOf(baseVariables);
  }
}
