package io.jcompose.registry.access;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users with passwords, who may do everything, and read-only tokens; a file of each, in Apache's
 * htpasswd form. Thread-safe.
 */
public final class Accounts {
  private static final Logger LOG = LoggerFactory.getLogger(Accounts.class);

  /** Some 100 ms of a processor. */
  private static final int COST = 10;

  /** Of a password that nobody knows, so that an unknown name takes as long as a wrong password. */
  private static final String DECOY =
      "$2y$10$6G495SZWdxFJ9KFWL.wibOHtXeVpZpnPPIMkqFo2W3.hxzMQ7/jh2";

  private static final int MOST = 1000;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");
  private static final int PASSWORD_BYTES = 72; // what bcrypt looks at
  private static final String TOKEN = "jcr_";
  private static final int TOKEN_LENGTH = 40;
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private final Path usersFile;
  private final Path tokensFile;
  private @Nullable Path damaged;
  private volatile Map<String, String> users;
  private volatile Map<String, String> tokens;

  public Accounts(Path directory) {
    this.usersFile = directory.resolve("htpasswd");
    this.tokensFile = directory.resolve("tokens");
    this.users = load(usersFile);
    this.tokens = load(tokensFile);
  }

  /**
   * A file that cannot be read stays where it is: without it everybody on this host would be let
   * in, so that nobody is before a person has mended it.
   */
  private Map<String, String> load(Path file) {
    try {
      return StateFile.read(file).map(Accounts::parse).orElse(Map.of());
    } catch (JcomposeException.Corrupt e) {
      LOG.error("{} is damaged, and nobody is let in: mend it or remove it", file, e);
      damaged = file;
      return Map.of();
    }
  }

  private static Map<String, String> parse(byte[] text) {
    SortedMap<String, String> entries = new TreeMap<>();
    for (String line : new String(text, StandardCharsets.UTF_8).lines().toList()) {
      int colon = line.indexOf(':');
      if (!line.isBlank() && !line.startsWith("#")) {
        if (colon <= 0) {
          throw new JcomposeException.Corrupt("a line without a name");
        }
        entries.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    return entries;
  }

  /** True as long as nobody has a login. */
  public boolean isEmpty() {
    return users.isEmpty() && damaged == null;
  }

  public List<String> users() {
    return List.copyOf(users.keySet());
  }

  public List<String> tokens() {
    return List.copyOf(tokens.keySet());
  }

  /**
   * Adds a user, or gives one another password.
   *
   * @throws JcomposeException.InvalidArgument for a name or password that does not do
   */
  public synchronized void addUser(String name, String password) {
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > PASSWORD_BYTES) {
      throw new JcomposeException.InvalidArgument(
          "a password has 1 to " + PASSWORD_BYTES + " bytes");
    }
    users = with(users, name, hash(bytes), usersFile);
  }

  /** Removes a user; false when there is none. */
  public synchronized boolean removeUser(String name) {
    boolean had = users.containsKey(name);
    users = without(users, name, usersFile);
    return had;
  }

  /** Makes a token that may only read; it is in no file. */
  public synchronized String addToken(String name) {
    if (tokens.containsKey(name)) {
      throw new JcomposeException.Conflict("there is a token " + name + "; remove it first");
    }
    SecureRandom random = new SecureRandom();
    StringBuilder token = new StringBuilder(TOKEN);
    for (int i = 0; i < TOKEN_LENGTH; i++) {
      token.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    tokens = with(tokens, name, Secrets.sha256(token.toString()), tokensFile);
    return token.toString();
  }

  /** Removes a token; false when there is none. */
  public synchronized boolean removeToken(String name) {
    boolean had = tokens.containsKey(name);
    tokens = without(tokens, name, tokensFile);
    return had;
  }

  private Map<String, String> with(
      Map<String, String> before, String name, String value, Path file) {
    if (!NAME.matcher(name).matches()) {
      throw new JcomposeException.InvalidArgument(
          "invalid name \"" + name + "\": letters, digits and ._@- are taken, 64 at most");
    }
    if (before.size() >= MOST && !before.containsKey(name)) {
      throw new JcomposeException.Conflict("there are " + MOST + " already, which is the limit");
    }
    SortedMap<String, String> after = new TreeMap<>(before);
    after.put(name, value);
    return stored(after, file);
  }

  private Map<String, String> without(Map<String, String> before, String name, Path file) {
    SortedMap<String, String> after = new TreeMap<>(before);
    after.remove(name);
    return stored(after, file);
  }

  private Map<String, String> stored(SortedMap<String, String> entries, Path file) {
    if (damaged != null) {
      throw new JcomposeException.Corrupt(
          damaged + " is damaged: mend it or remove it, and start the engine again");
    }
    List<String> lines = new ArrayList<>();
    entries.forEach((name, value) -> lines.add(name + ":" + value + "\n"));
    StateFile.write(file, String.join("", lines).getBytes(StandardCharsets.UTF_8));
    return entries;
  }

  private static String hash(byte[] password) {
    return new String(
        BCrypt.with(BCrypt.Version.VERSION_2Y).hash(COST, password), StandardCharsets.US_ASCII);
  }

  /** True when the password is the user's; takes a processor's time. */
  boolean isUser(String name, String password) {
    byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
    String stored = users.getOrDefault(name, DECOY);
    boolean right =
        bytes.length <= PASSWORD_BYTES
            && BCrypt.verifyer().verify(bytes, stored.getBytes(StandardCharsets.US_ASCII)).verified;
    return right && users.containsKey(name);
  }

  /** The name of a token; empty for what is none. */
  Optional<String> token(String secret) {
    if (!secret.startsWith(TOKEN)) {
      return Optional.empty();
    }
    String hash = Secrets.sha256(secret);
    return tokens.entrySet().stream()
        .filter(entry -> Secrets.isSame(entry.getValue(), hash))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** Something that is another one after each change. */
  Object state() {
    return List.of(users, tokens);
  }
}
