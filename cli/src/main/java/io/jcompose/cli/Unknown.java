package io.jcompose.cli;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is said to a word that is no command of ours: Docker's, or a misspelt one. */
final class Unknown {
  private Unknown() {}

  /** A message of one or two lines. */
  static String command(String word) {
    String answer = answer(word);
    if (answer != null) {
      return "'jcompose " + word + "' is not supported: " + answer;
    }
    return "unknown jcompose command: \""
        + word
        + "\""
        + Meant.question(word, Arrays.asList(Commands.NAMES))
        + "\n'jcompose --help' lists them all.";
  }

  /** For commands of Docker's, so that who types them knows what to do instead; null for others. */
  private static @Nullable String answer(String word) {
    switch (word) {
      case "build":
      case "builder":
      case "buildx":
        return "there are no builds yet. Name an existing image by `image:`; make one elsewhere (buildah"
            + " bud, docker build) and push it to a registry, or by `jcompose commit` of a container";
      case "push":
        return "images are pushed by what made them (buildah push, docker push, skopeo copy)";
      case "watch":
        return "files are not watched yet. A bind mount of the sources shows changes at once;"
            + " `jcompose restart SERVICE` starts a program anew";
      case "publish":
      case "bridge":
      case "alpha":
        return "compose files are not published or converted here; `jcompose config` prints them whole";
      case "info":
        return "it is `jcompose system info`";
      case "context":
        return "an engine is chosen by --root, JCOMPOSE_ROOT or JCOMPOSE_HOST";
      case "swarm":
      case "stack":
      case "service":
      case "node":
        return "there is no swarm; a project is brought up by `jcompose up -d`";
      default:
        return null;
    }
  }
}
