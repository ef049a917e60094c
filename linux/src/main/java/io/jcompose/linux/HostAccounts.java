package io.jcompose.linux;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;
import org.jspecify.annotations.Nullable;

/**
 * The host's users and groups in all of its databases, those of a directory service too (man 5
 * nsswitch.conf; man 3 getpwnam, getgrnam). Thread-safe.
 */
public final class HostAccounts {
  private HostAccounts() {}

  /**
   * A user or a group.
   *
   * @param id unsigned
   */
  public record Account(String name, long id) {}

  /** Binds all that jnr-posix has, which takes half a second of a cold JVM: only who asks pays. */
  private static final class Calls {
    static final POSIX ALL = POSIXFactory.getNativePOSIX();
  }

  /**
   * @param wanted a name, or else a number
   */
  public static synchronized Optional<Account> user(String wanted) {
    return find(wanted, Calls.ALL::getpwnam, Calls.ALL::getpwuid)
        .map((Passwd user) -> account(user.getLoginName(), user.getUID()));
  }

  /**
   * @param wanted a name, or else a number
   */
  public static synchronized Optional<Account> group(String wanted) {
    return find(wanted, Calls.ALL::getgrnam, Calls.ALL::getgrgid)
        .map((Group group) -> account(group.getName(), group.getGID()));
  }

  private static <T> Optional<T> find(
      String wanted, Function<String, @Nullable T> byName, IntFunction<@Nullable T> byId) {
    Optional<T> named = Optional.ofNullable(byName.apply(wanted));
    return named.isPresent() || !wanted.matches("[0-9]{1,9}")
        ? named
        : Optional.ofNullable(byId.apply(Integer.parseInt(wanted)));
  }

  private static Account account(String name, long id) {
    return new Account(name, id & 0xffff_ffffL);
  }
}
