package io.jcompose.build.fetch;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.FileTrees;
import io.jcompose.core.git.GitProgram;
import io.jcompose.core.sync.GivenUp;
import io.jcompose.images.registry.HttpResponse;
import io.jcompose.images.registry.WebClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Brings files of the web and commits of git repositories into folders of a build. Thread-safe. */
public final class Fetcher {
  private static final long MOST_BYTES = 20_000_000_000L;
  private static final Duration LIMIT = Duration.ofHours(1);
  private static final Duration GIT_LIMIT = Duration.ofMinutes(10);
  private static final String PROTOCOLS = "https:http:ssh:git";
  private static final int BUFFER = 1 << 16;
  private static final int SHORTEST_COMMIT = 7;
  private static final String NOWHERE = "/nonexistent";
  private static final Set<String> PROXIES =
      Set.of("http_proxy", "https_proxy", "all_proxy", "no_proxy");

  private final WebClient web;
  private final Map<String, String> environment;

  /**
   * @param environment what git sees
   */
  public Fetcher(WebClient web, Map<String, String> environment) {
    this.web = web;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Fetches a file, which is readable by its owner alone, and as old as its server says.
   *
   * @param target does not exist
   * @param checksum what it must be; null for anything
   * @throws JcomposeException.Conflict when it is something else
   */
  public void file(WebSource source, Path target, @Nullable Digest checksum, GivenUp givenUp) {
    try (HttpResponse response = web.get(source.url(), givenUp::requireWanted)) {
      givenUp.abortably(
          response::abort,
          () -> {
            write(source, response, target, checksum, givenUp);
            return true;
          });
    }
  }

  private static void write(
      WebSource source,
      HttpResponse response,
      Path target,
      @Nullable Digest checksum,
      GivenUp givenUp) {
    MessageDigest hash = hash(checksum == null ? "sha256" : checksum.algorithm());
    try (OutputStream out =
        Files.newOutputStream(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      copy(source, response, out, hash, givenUp);
    } catch (IOException e) {
      givenUp.requireWanted();
      throw new JcomposeException.Unavailable(
          "failed to fetch " + source.url() + ": " + e.getMessage(), e);
    }
    String found = HexFormat.of().formatHex(hash.digest());
    if (checksum != null && !checksum.hex().equals(found)) {
      throw new JcomposeException.Conflict(
          "digest mismatch "
              + checksum
              + ": "
              + source.url()
              + " has "
              + checksum.algorithm()
              + ":"
              + found);
    }
    describe(target, modified(response.header("Last-Modified")));
  }

  private static MessageDigest hash(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new JcomposeException.Internal("no " + algorithm + " in this JDK", e);
    }
  }

  private static void copy(
      WebSource source,
      HttpResponse response,
      OutputStream out,
      MessageDigest hash,
      GivenUp givenUp)
      throws IOException {
    InputStream in = response.body();
    byte[] buffer = new byte[BUFFER];
    long size = 0;
    Instant end = Instant.now().plus(LIMIT);
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      givenUp.requireWanted();
      size += count;
      if (size > MOST_BYTES) {
        throw new JcomposeException.NotSupported(
            source.url() + " has more than " + MOST_BYTES + " bytes");
      }
      if (Instant.now().isAfter(end)) {
        throw new JcomposeException.Timeout(
            "fetching " + source.url() + " took longer than " + LIMIT.toMinutes() + " min");
      }
      hash.update(buffer, 0, count);
      out.write(buffer, 0, count);
      response.goesOn();
    }
  }

  /** RFC 9110 section 8.8.2; the epoch where it is not said, or not so. */
  private static Instant modified(@Nullable String text) {
    try {
      return text == null
          ? Instant.EPOCH
          : ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  private static void describe(Path target, Instant modified) {
    try {
      Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
      Files.setLastModifiedTime(target, FileTime.from(modified));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The commit that a source is now.
   *
   * @param agent an ssh agent's socket; null for none
   * @throws JcomposeException.Conflict when it is not the one that it must be
   */
  public String commit(GitSource source, @Nullable String agent, GivenUp givenUp) {
    if (!source.checksum().isEmpty() && source.checksum().length() < SHORTEST_COMMIT) {
      throw new JcomposeException.InvalidArgument(
          "the checksum " + source.checksum() + " has less than " + SHORTEST_COMMIT + " digits");
    }
    String commit = givenUp.interruptibly(() -> git(agent).commit(source.reference()));
    if (!commit.startsWith(source.checksum())) {
      throw new JcomposeException.Conflict(
          "expected checksum to match "
              + source.checksum()
              + ", but "
              + source.reference().remote()
              + " has "
              + commit);
    }
    return commit;
  }

  /**
   * Checks a commit out; its files are as old as it.
   *
   * @param folder empty
   */
  public void tree(
      GitSource source, String commit, @Nullable String agent, Path folder, GivenUp givenUp) {
    GitProgram git = git(agent);
    Instant at =
        givenUp.interruptibly(
            () -> {
              git.fetch(source.reference(), commit, folder);
              return git.committedAt(source.reference(), folder);
            });
    if (Files.exists(folder.resolve(".gitmodules")) && !Boolean.FALSE.equals(source.submodules())) {
      throw new JcomposeException.NotSupported(
          source.reference().remote()
              + " has submodules, which are not fetched; ?submodules=false builds without them");
    }
    try {
      if (!source.keepsGitDir()) {
        FileTrees.delete(folder.resolve(".git"));
      }
      date(folder, at);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void date(Path folder, Instant at) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        if (!Files.isSymbolicLink(path)) {
          Files.setLastModifiedTime(path, FileTime.from(at));
        }
      }
    }
  }

  private GitProgram git(@Nullable String agent) {
    return new GitProgram(gitEnvironment(environment, agent), PROTOCOLS, GIT_LIMIT);
  }

  /**
   * What git sees of the engine's variables: where programs and proxies are. It has none of the
   * host's credentials, keys and settings, for what it fetches is not the host's own; of ssh only
   * the agent that was given, and the keys of servers that root knows.
   */
  static Map<String, String> gitEnvironment(Map<String, String> all, @Nullable String agent) {
    Map<String, String> variables = new HashMap<>();
    all.forEach(
        (name, value) -> {
          if (name.equals("PATH") || PROXIES.contains(name.toLowerCase(Locale.ROOT))) {
            variables.put(name, value);
          }
        });
    variables.put("HOME", NOWHERE);
    variables.put("GIT_CONFIG_GLOBAL", "/dev/null");
    variables.put("GIT_CONFIG_NOSYSTEM", "1");
    variables.put("GIT_ATTR_NOSYSTEM", "1");
    variables.put("GIT_ASKPASS", "false");
    variables.put("SSH_ASKPASS", "false");
    variables.put(
        "GIT_SSH_COMMAND",
        "ssh -F none -o BatchMode=yes -o ControlMaster=no -o IdentityFile=none"
            + " -o UserKnownHostsFile=/root/.ssh/known_hosts -o StrictHostKeyChecking=yes"
            + " -o IdentityAgent="
            + (agent == null ? "none" : "SSH_AUTH_SOCK"));
    if (agent != null) {
      variables.put("SSH_AUTH_SOCK", agent);
    }
    return variables;
  }
}
