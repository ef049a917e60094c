package io.jcompose.images.registry;

/** Why one endpoint did not serve a request. */
final class RegistryFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** What the failure says of the image. */
  enum Kind {
    /** The endpoint answered: it does not have it. */
    NOT_FOUND,
    /** The endpoint answered: not for this user. */
    DENIED,
    /** Too many requests. */
    LIMITED,
    /** No answer, or none that helps. */
    UNREACHABLE
  }

  private final Kind kind;

  RegistryFailure(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
