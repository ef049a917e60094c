package io.jcompose.scheduler;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Spelling;
import java.util.Collection;

/** Says of a word that it names no service, with what may be meant. Stateless. */
public final class ServiceNames {
  private ServiceNames() {}

  /**
   * Refuses to {@code run} what is no service. An image is none: a person who writes docker's
   * {@code run IMAGE} reads what to write here.
   *
   * @throws JcomposeException.NotFound {@code no such service: x}
   */
  public static void requireToRun(String name, Collection<String> known) {
    if (known.contains(name)) {
      return;
    }
    String unknown = String.valueOf(noSuchService(name, known).getMessage());
    boolean misspelt = Spelling.closest(name, known).isPresent();
    throw new JcomposeException.NotFound(
        misspelt
            ? unknown
            : unknown
                + "; `run` starts a service of the compose file: write one with `image:` to run an"
                + " image");
  }

  /** Docker's words, and the one that may be meant. */
  public static JcomposeException.NotFound noSuchService(String name, Collection<String> known) {
    String meant =
        Spelling.closest(name, known).map(other -> " (did you mean \"" + other + "\"?)").orElse("");
    return new JcomposeException.NotFound("no such service: " + name + meant);
  }
}
