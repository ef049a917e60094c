package io.jcompose.images.registry;

import io.jcompose.core.RegistryLogins.Login;
import java.util.Optional;
import java.util.function.Function;

/** Where logins for registries come from. Thread-safe. */
interface LoginSource {
  /**
   * The login for a registry. May block.
   *
   * @param registry {@code host[:port]}; docker.io for the Hub
   */
  Optional<Login> find(String registry);

  /** Changes with each login and logout. */
  String state();

  /** Those that a caller handed over; nothing else is looked at. */
  static LoginSource of(Function<String, Optional<Login>> logins) {
    return new LoginSource() {
      @Override
      public Optional<Login> find(String registry) {
        return logins.apply(registry);
      }

      @Override
      public String state() {
        return "";
      }
    };
  }
}
