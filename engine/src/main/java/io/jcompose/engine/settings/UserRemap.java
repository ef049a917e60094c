package io.jcompose.engine.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jcompose.core.IdMap;
import io.jcompose.core.IdMap.Range;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import io.jcompose.linux.HostAccounts;
import io.jcompose.linux.HostAccounts.Account;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The engine's setting {@code userns-remap}: whose subordinate ids (man 5 subuid) stand for the
 * users and groups of containers. Values are Docker's: {@code default}, {@code USER} or {@code
 * USER:GROUP}, names or numbers.
 */
public final class UserRemap {
  private static final String KEY = "userns-remap";
  private static final String DEFAULT_USER = "dockremap";

  private UserRemap() {}

  /**
   * The map that the engine's config file asks for; the host's own when it asks for none.
   *
   * @throws JcomposeException.InvalidArgument when the users or their ranges are missing
   */
  public static IdMap load(Path engineJson) {
    byte[] text = StateFile.read(engineJson).orElse(new byte[0]);
    if (text.length == 0) {
      return IdMap.HOST;
    }
    try {
      JsonNode value = new JsonMapper().readTree(text).path(KEY);
      if (value.isMissingNode() || value.isNull()) {
        return IdMap.HOST;
      }
      String setting = value.isTextual() ? value.asText() : value.toString();
      return of(setting, Path.of("/etc"), HostAccounts::user, HostAccounts::group);
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(
          engineJson + " is not JSON: " + e.getMessage(), e);
    }
  }

  /** Finds an account by name or number. */
  interface Accounts extends Function<String, Optional<Account>> {}

  /**
   * @param etc where subuid and subgid are
   */
  static IdMap of(String setting, Path etc, Accounts users, Accounts groups) {
    if (setting.isEmpty()) {
      return IdMap.HOST;
    }
    String[] names = setting.split(":", -1);
    if (names.length > 2 || names[0].isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          KEY + ": \"" + setting + "\" is not default, USER or USER:GROUP");
    }
    boolean standard = setting.equals("default");
    Account user = account(users, "user", standard ? DEFAULT_USER : names[0]);
    Account group =
        account(groups, "group", names.length == 2 && !names[1].isEmpty() ? names[1] : user.name());
    return new IdMap(ranges(etc, "subuid", user), ranges(etc, "subgid", group));
  }

  private static Account account(Accounts accounts, String kind, String wanted) {
    return accounts
        .apply(wanted)
        .orElseThrow(
            () ->
                new JcomposeException.InvalidArgument(
                    KEY
                        + ": there is no "
                        + kind
                        + " \""
                        + wanted
                        + "\": make it, for example by `useradd --system --user-group "
                        + DEFAULT_USER
                        + "`, or name one that exists"));
  }

  /** The owner's ranges one after another, as the container's ids from 0. */
  private static List<Range> ranges(Path etc, String file, Account owner) {
    List<Range> ranges = new ArrayList<>();
    long inside = 0;
    for (String line : lines(etc.resolve(file))) {
      String[] fields = line.strip().split(":");
      if (fields.length == 3 && isOwner(fields[0], owner)) {
        Range range = range(etc.resolve(file), line, inside);
        ranges.add(range);
        inside += range.count();
      }
    }
    if (ranges.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          KEY
              + ": "
              + etc.resolve(file)
              + " gives \""
              + owner.name()
              + "\" no ids: add a line such as \""
              + owner.name()
              + ":100000:65536\" with ids that nobody else has");
    }
    return ranges;
  }

  private static boolean isOwner(String field, Account owner) {
    return field.equals(owner.name()) || field.equals(Long.toString(owner.id()));
  }

  private static Range range(Path file, String line, long inside) {
    Optional<Range> range = Optional.empty();
    try {
      String[] fields = line.strip().split(":");
      range =
          Optional.of(new Range(inside, Long.parseLong(fields[1]), Long.parseLong(fields[2])))
              .filter(r -> r.host() > 0 && r.count() > 0);
    } catch (NumberFormatException e) {
      // reported below
    }
    return range.orElseThrow(
        () ->
            new JcomposeException.InvalidArgument(
                KEY
                    + ": "
                    + file
                    + ": \""
                    + line
                    + "\" is no range NAME:FIRST:COUNT above the host's root"));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new JcomposeException.Unavailable("failed to read " + file + ": " + e.getMessage(), e);
    }
  }
}
