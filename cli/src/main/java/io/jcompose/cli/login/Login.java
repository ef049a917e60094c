package io.jcompose.cli.login;

/** A user's name and secret; the user {@code <token>} means an identity token. */
public record Login(String user, String secret) {
  @Override
  public String toString() {
    return "login of " + user;
  }
}
