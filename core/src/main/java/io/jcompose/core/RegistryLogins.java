package io.jcompose.core;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Whose logins a request may show to registries. Immutable; lives as long as its request, and is
 * never written or logged.
 */
public sealed interface RegistryLogins {
  /** The configuration of the engine's own user, for work that nobody gave logins for. */
  RegistryLogins OF_ENGINE = new OfEngine();

  /** As {@link #OF_ENGINE}. */
  record OfEngine() implements RegistryLogins {}

  /**
   * A caller's, and nobody else's.
   *
   * @param byRegistry by {@code host[:port]}; docker.io for the Hub
   */
  record OfCaller(Map<String, Login> byRegistry) implements RegistryLogins {
    public OfCaller {
      byRegistry = Map.copyOf(byRegistry);
    }

    /** The login for a registry. */
    public Optional<Login> find(String registry) {
      return Optional.ofNullable(byRegistry.get(registry));
    }

    @Override
    public String toString() {
      return "logins for " + byRegistry.keySet();
    }
  }

  /**
   * A caller's, and nobody else's, which are asked for when they are wanted.
   *
   * @param source gives the login for {@code host[:port]}; blocks
   */
  record OfSession(Function<String, Optional<Login>> source) implements RegistryLogins {
    @Override
    public String toString() {
      return "logins of a session";
    }
  }

  /**
   * A user's name and secret.
   *
   * @param user {@link #IDENTITY_TOKEN} when the secret is an identity token
   */
  record Login(String user, String secret) {
    /** Docker's word for it, in its files and credential helpers. */
    public static final String IDENTITY_TOKEN = "<token>";

    public boolean isIdentityToken() {
      return user.equals(IDENTITY_TOKEN);
    }

    @Override
    public String toString() {
      return "login of " + user;
    }
  }
}
