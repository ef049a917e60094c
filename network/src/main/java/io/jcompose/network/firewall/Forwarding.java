package io.jcompose.network.firewall;

import io.jcompose.core.file.StateFile;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.link.Ip6Host;
import io.jcompose.network.nft.NftBatch.Element;
import io.jcompose.network.notice.Notices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the host forwards packets, and whether it does so only because this engine told it to.
 * Where it does, the firewall drops what would pass between interfaces that are not the engine's:
 * else every neighbour could use the host as a router, into its VPN for one. Remembered on disk,
 * for a later engine finds forwarding on. Called on platform threads; guarded by {@code this}.
 */
public final class Forwarding {
  private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final String NOTICE = "forwarding ";

  private final Path file;
  private final boolean forOthers;
  private final Firewall firewall;
  private final Notices notices;
  private final Set<Family> ours = EnumSet.noneOf(Family.class);

  /** Networks that packets are forwarded for. */
  private final Set<String> users = new HashSet<>();

  /**
   * @param forOthers the host may forward for its neighbours as well
   */
  public Forwarding(Path stateDir, boolean forOthers, Firewall firewall, Notices notices) {
    this.file = stateDir.resolve("forwarding");
    this.forOthers = forOthers;
    this.firewall = firewall;
    this.notices = notices;
  }

  /** Reads what an engine switched on since the host booted; gives what the firewall is to hold. */
  public synchronized List<Element> load() {
    for (Family family : recorded()) {
      if (family.isOn() && !forOthers) {
        ours.add(family);
        tell(family);
      }
    }
    return ours.stream().map(Family::element).toList();
  }

  /**
   * Lets the host forward, until {@link #release}.
   *
   * @param network its id
   */
  public synchronized void enable(Family family, String network) {
    users.add(network);
    if (family.isOn()) {
      return;
    }
    if (!forOthers && !family.isOnSomewhere()) {
      // known before it is done: whoever dies in between has switched on nothing that stays open
      ours.add(family);
      try {
        record();
      } catch (RuntimeException e) {
        LOG.warn("the next engine will not know that {} forwarding is guarded", family.title, e);
      }
      firewall.ensure(List.of(family.element()));
      tell(family);
    }
    family.switchTo("1");
    LOG.info("{} forwarding is on, for the networks of containers", family.title);
  }

  /** Nothing is forwarded for a network any more; after the last one the host is as it was. */
  public synchronized void release(String network) {
    users.remove(network);
    settle();
  }

  /** Ends what an engine before this one began, when no network needs it. */
  public synchronized void settle() {
    if (users.isEmpty()) {
      end();
    }
  }

  /**
   * Ends the forwarding that this engine began.
   *
   * @return false when a bridge of another program may have come to need it, so that the firewall
   *     must stay as well
   */
  public synchronized boolean end() {
    if (ours.isEmpty()) {
      return true;
    }
    if (HostLinks.links().stream().anyMatch(link -> link.kind().equals("bridge"))) {
      return false;
    }
    ours.forEach(family -> family.switchTo("0"));
    firewall.remove(ours.stream().map(Family::element).toList());
    firewall.flush();
    ours.forEach(family -> notices.clear(NOTICE + family));
    ours.clear();
    StateFile.delete(file);
    return true;
  }

  private void tell(Family family) {
    notices.raise(
        NOTICE + family,
        "this engine switched "
            + family.title
            + " forwarding on for its networks; what other interfaces of the host would forward"
            + " among themselves is dropped (ip-forward-no-drop in engine.json lets it pass)");
  }

  private Set<Family> recorded() {
    Optional<Set<Family>> found =
        StateFile.load(
            file,
            bytes -> {
              List<String> words =
                  List.of(new String(bytes, StandardCharsets.UTF_8).strip().split(" "));
              return words.getFirst().equals(bootId())
                  ? words.stream().skip(1).map(Family::valueOf).collect(Collectors.toSet())
                  : Set.of();
            },
            "whether forwarding was on before this engine is not known");
    return found.orElse(Set.of());
  }

  private void record() {
    List<String> words = new ArrayList<>(List.of(bootId()));
    ours.forEach(family -> words.add(family.name()));
    StateFile.write(file, String.join(" ", words).getBytes(StandardCharsets.UTF_8));
  }

  private static String bootId() {
    return Family.read(BOOT_ID);
  }

  /** A family of addresses, with its settings in /proc/sys/net. */
  public enum Family {
    IPV4("IPv4", 2, "/proc/sys/net/ipv4/conf"),
    IPV6("IPv6", 10, "/proc/sys/net/ipv6/conf");

    private final String title;
    private final int number;
    private final Path conf;

    Family(String title, int number, String conf) {
      this.title = title;
      this.number = number;
      this.conf = Path.of(conf);
    }

    private Element element() {
      // only the parts of a longer key are padded
      return new Element(Firewall.GUARD, new byte[] {(byte) number}, null, null, null);
    }

    private boolean isOn() {
      return read(conf.resolve("all/forwarding")).equals("1");
    }

    /** Somebody made a router of the host before, if only for one interface. */
    private boolean isOnSomewhere() {
      try (Stream<Path> interfaces = Files.list(conf)) {
        return interfaces.anyMatch(each -> read(each.resolve("forwarding")).equals("1"));
      } catch (IOException e) {
        return false;
      }
    }

    private void switchTo(String value) {
      if (this == IPV6 && value.equals("1")) {
        Ip6Host.keepAdvertisements();
      }
      Path all = conf.resolve("all/forwarding");
      try {
        Files.writeString(all, value);
      } catch (IOException e) {
        throw new UncheckedIOException("failed to set " + all + " to " + value, e);
      }
    }

    private static String read(Path setting) {
      try {
        return Files.readString(setting).strip();
      } catch (IOException e) {
        return "";
      }
    }
  }
}
