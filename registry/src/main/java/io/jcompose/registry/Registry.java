package io.jcompose.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import io.jcompose.images.repository.Repositories;
import io.jcompose.registry.access.Accounts;
import io.jcompose.registry.answer.JsonText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's own registry: off until somebody starts it, and then on until somebody stops it,
 * also over the engine's restarts. Thread-safe; the engine closes it.
 */
public final class Registry implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Registry.class);
  private static final String FILE = "registry.json";

  private final Path directory;
  private final Repositories repositories;
  private final Accounts accounts;
  private @Nullable Serving serving;

  /**
   * @param directory {@code <state root>/registry}; made when it is needed
   */
  public Registry(Path directory, Repositories repositories) {
    this.directory = directory;
    this.repositories = repositories;
    this.accounts = new Accounts(directory);
  }

  /** Serves again what an earlier engine served; that it cannot is told in the log. */
  public synchronized void resume() {
    Optional<RegistrySettings> settings =
        StateFile.load(
                directory.resolve(FILE), JsonText::parse, "start it again: jcompose registry serve")
            .filter(node -> node.path("serving").asBoolean())
            .map(RegistrySettings::of);
    if (settings.isEmpty()) {
      return;
    }
    try {
      serving = Serving.start(settings.get(), directory, repositories, accounts);
    } catch (JcomposeException | IOException e) {
      LOG.error(
          "the registry is not served; start it again with 'jcompose registry serve': {}",
          e.getMessage());
    }
  }

  /** The settings that it was last started with. */
  public RegistrySettings settings() {
    return StateFile.load(directory.resolve(FILE), JsonText::parse, "it has its defaults again")
        .map((JsonNode node) -> RegistrySettings.of(node))
        .orElse(RegistrySettings.DEFAULT);
  }

  /**
   * Begins to serve, in the place of what was served before.
   *
   * @throws JcomposeException.InvalidArgument when it may not be served so
   * @throws JcomposeException.Unavailable when the address cannot be had; what was served before
   *     goes on
   */
  public synchronized RegistryStatus serve(RegistrySettings settings) {
    Serving before = serving;
    serving = null;
    if (before != null) {
      before.close();
    }
    try {
      serving = Serving.start(settings, directory, repositories, accounts);
    } catch (IOException e) {
      again(before);
      throw new JcomposeException.Unavailable(
          "the registry cannot be served: " + e.getMessage(), e);
    } catch (JcomposeException e) {
      again(before);
      throw e;
    }
    StateFile.write(directory.resolve(FILE), settings.toJson(true));
    return status().orElseThrow();
  }

  private void again(@Nullable Serving before) {
    if (before != null) {
      try {
        serving = Serving.start(before.settings(), directory, repositories, accounts);
      } catch (IOException | JcomposeException e) {
        LOG.error("what the registry served before is served no more: {}", e.getMessage());
      }
    }
  }

  /** Ends it; false when it was not served. */
  public synchronized boolean stop() {
    StateFile.write(directory.resolve(FILE), settings().toJson(false));
    Serving before = serving;
    serving = null;
    if (before != null) {
      before.close();
    }
    return before != null;
  }

  /** Empty when it is not served. */
  public synchronized Optional<RegistryStatus> status() {
    return Optional.ofNullable(serving).map(Serving::status);
  }

  /** What there is, whether it is served or not. */
  public RegistryContents contents() {
    return new RegistryContents(repositories);
  }

  public List<String> users() {
    return accounts.users();
  }

  /** Adds a user, or gives one another password; throws InvalidArgument for what does not do. */
  public void addUser(String name, String password) {
    accounts.addUser(name, password);
  }

  /** False when there is none. */
  public boolean removeUser(String name) {
    return accounts.removeUser(name);
  }

  public List<String> tokens() {
    return accounts.tokens();
  }

  /** A new token that may only read; throws Conflict when there is one of that name. */
  public String addToken(String name) {
    return accounts.addToken(name);
  }

  /** False when there is none. */
  public boolean removeToken(String name) {
    return accounts.removeToken(name);
  }

  /** The certificate of the authority that was made here, as PEM; empty before there is one. */
  public Optional<byte[]> authority() {
    return Serving.authority(directory).certificate();
  }

  @Override
  public synchronized void close() {
    if (serving != null) {
      serving.close();
    }
  }
}
