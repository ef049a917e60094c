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
    /** The endpoint answered: it does not take what it was sent. */
    REFUSED,
    /** Too many requests. */
    LIMITED,
    /** It is not known who answers. */
    UNTRUSTED,
    /** The endpoint answered with something else. */
    WRONG_CONTENT,
    /** No answer, or none that helps. */
    UNREACHABLE;

    /** True when the same request may be answered otherwise a little later. */
    boolean mayPass() {
      return this == UNREACHABLE || this == LIMITED;
    }
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
