package io.jcompose.images.registry;

import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.registry.RegistryFailure.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** None of the places that may serve an image did. */
final class AllFailed extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient ImageReference reference;
  private final transient Map<Endpoint, RegistryFailure> failures;

  /**
   * @param failures in the order of the attempts; at least one
   */
  AllFailed(ImageReference reference, Map<Endpoint, RegistryFailure> failures) {
    super("nobody serves " + reference.familiar());
    this.reference = reference;
    this.failures = new LinkedHashMap<>(failures);
  }

  Kind kind() {
    Kind last = failures.values().stream().toList().getLast().kind();
    boolean elsewhereMissing =
        last == Kind.UNREACHABLE
            && failures.values().stream().anyMatch(f -> f.kind() == Kind.NOT_FOUND);
    return elsewhereMissing ? Kind.NOT_FOUND : last;
  }

  /** Each place and what it said. */
  String tried() {
    return failures.entrySet().stream()
        .map(entry -> entry.getKey() + ": " + entry.getValue().getMessage())
        .collect(Collectors.joining("; "));
  }

  /** As it is told to a person. */
  JcomposeException told() {
    String last = failures.values().stream().toList().getLast().getMessage();
    String name = reference.familiar();
    String details = failures.size() > 1 ? " (tried " + tried() + ")" : "";
    return switch (kind()) {
      case NOT_FOUND ->
          new JcomposeException.NotFound(
              "manifest for " + name + " not found: manifest unknown" + details);
      case DENIED ->
          new JcomposeException.NotFound(
              "pull access denied for "
                  + reference.familiarName()
                  + ", repository does not exist or may require 'docker login': "
                  + last
                  + details
                  + "; log in by `jcompose login"
                  + (reference.domain().equals("docker.io") ? "" : " " + reference.domain())
                  + "`");
      case LIMITED ->
          new JcomposeException.Unavailable(
              "toomanyrequests: " + last + "; log in (`jcompose login`) or try later" + details);
      case UNTRUSTED, WRONG_CONTENT, REFUSED, UNREACHABLE ->
          new JcomposeException.Unavailable("failed to pull " + name + ": tried " + tried());
    };
  }
}
