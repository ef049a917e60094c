package io.jcompose.network.firewall;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.nft.Nft;
import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.NftBatch.Element;
import io.jcompose.network.nft.NftListing;
import io.jcompose.network.notice.Notices;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import jnr.constants.platform.Errno;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's nftables table: static rules, and sets and maps whose elements come and go with
 * networks and published ports. Remembers what the table should hold, so that it can be put back
 * when another program flushes it.
 *
 * <p>A change that deletes costs the kernel a grace period of 10 ms and more, however much it
 * deletes. So {@link #remove} only notes what shall go, and the next {@link #flush} or {@link #add}
 * deletes it all at once. Changes of the kernel are made under {@code lock}, on platform threads;
 * the notes are guarded by {@code desired}.
 */
public final class Firewall {
  /** Set on every forwarded packet that the table lets through. */
  static final int MARK = 0x01000000;

  private static final Logger LOG = LoggerFactory.getLogger(Firewall.class);

  /** Families that the engine forwards for its own networks only. */
  static final String GUARD = "guard";

  private static final String SEAL = "seal";

  /** Ports that are added at once where the kernel does not take all. */
  private static final int PART = 1000;

  private static final List<String> SETS =
      List.of(
          "nets",
          "internal",
          GUARD,
          "masq4",
          "masq6",
          "own4",
          "own6",
          "pairs",
          "open",
          "routed",
          "direct4",
          "direct6",
          "pub4",
          "pub4ip",
          "pub6",
          "pub6ip");
  private static final String NOTICE = "firewall";

  private final String table;
  private final Notices notices;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Element> desired = new LinkedHashMap<>();

  /** In the kernel's table, but not wanted there. */
  private final Map<String, Element> unwanted = new LinkedHashMap<>();

  /** The kernel's table holds something else than it should; guarded by {@code lock}. */
  private boolean stale;

  public Firewall(String table, Notices notices) {
    this.table = table;
    this.notices = notices;
  }

  /**
   * Installs the table unless it is there in this layout, whose elements then stay, and adds
   * elements.
   */
  public void install(Collection<Element> elements) {
    lock.lock();
    try {
      synchronized (desired) {
        elements.forEach(element -> desired.put(element.describe(), element));
      }
      if (!isInstalled()) {
        load();
      }
      NftBatch batch = new NftBatch();
      elements.forEach(element -> batch.add(table, element));
      attempt(() -> changeOrRepair(batch));
    } finally {
      lock.unlock();
    }
  }

  String table() {
    return table;
  }

  /** The rules of this engine's table, for {@code nft -f}. */
  static String rules(String table) {
    try (InputStream in = Firewall.class.getResourceAsStream("table.nft")) {
      if (in == null) {
        throw new IllegalStateException("table.nft is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("@TABLE@", table);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read table.nft", e);
    }
  }

  /** Adds elements, after deleting what was removed before; on failure they are not wanted. */
  public void add(Collection<Element> elements) {
    lock.lock();
    try {
      NftBatch batch = new NftBatch();
      synchronized (desired) {
        unwanted.values().forEach(element -> batch.delete(table, element));
        unwanted.clear();
        for (Element element : elements) {
          desired.put(element.describe(), element);
          batch.add(table, element);
        }
      }
      changeOrRepair(batch);
      Conntrack.forgetUntranslated(Translations.ports(elements));
    } catch (RuntimeException e) {
      // what was to go may be there still: nothing is added before the table is right again
      stale = true;
      remove(elements);
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /** Adds those of the elements that the table is not to hold yet. */
  public void ensure(Collection<Element> elements) {
    List<Element> missing;
    synchronized (desired) {
      missing = elements.stream().filter(each -> !desired.containsKey(each.describe())).toList();
    }
    if (!missing.isEmpty()) {
      add(missing);
    }
  }

  /**
   * Notes that elements shall go; does not wait. Removing what is gone succeeds.
   *
   * @return true when nothing was noted before, so that the caller should have {@link #flush} run
   */
  public boolean remove(Collection<Element> elements) {
    synchronized (desired) {
      boolean first = unwanted.isEmpty();
      for (Element element : elements) {
        if (desired.remove(element.describe()) != null) {
          unwanted.put(element.describe(), element);
        }
      }
      return first && !unwanted.isEmpty();
    }
  }

  /** Deletes what was removed. */
  public void flush() {
    add(List.of());
  }

  /**
   * Makes the table hold exactly what it should. A failure is a notice, and {@link #restore} tries
   * again: what is in the table already goes on, and what is missing is closed.
   */
  public void synchronize() {
    lock.lock();
    try {
      attempt(this::fill);
    } finally {
      lock.unlock();
    }
  }

  private void fill() {
    List<Element> all;
    synchronized (desired) {
      unwanted.clear();
      all = List.copyOf(desired.values());
    }
    try {
      replace(all);
    } catch (KernelException e) {
      if (!e.is(Errno.EMSGSIZE)) {
        throw e;
      }
      // in a user namespace of its own the engine cannot make the kernel take so much at once
      List<Element> ports = all.stream().filter(Element::isPort).toList();
      replace(all.stream().filter(each -> !each.isPort()).toList());
      for (int i = 0; i < ports.size(); i += PART) {
        NftBatch batch = new NftBatch();
        ports.subList(i, Math.min(ports.size(), i + PART)).forEach(port -> batch.add(table, port));
        send(batch);
      }
    }
    stale = false;
    notices.clear(NOTICE);
    // what came while the table was not right has found no container, or left with its address
    Conntrack.forgetUntranslated(Translations.of(all));
  }

  /** In one step: all elements go, and these come. */
  private void replace(List<Element> elements) {
    NftBatch batch = new NftBatch();
    SETS.forEach(set -> batch.flush(table, set));
    elements.forEach(element -> batch.add(table, element));
    send(batch);
  }

  private void attempt(Runnable change) {
    try {
      change.run();
    } catch (RuntimeException e) {
      stale = true;
      LOG.debug("firewall table {} cannot be filled", table, e);
      notices.raise(
          NOTICE,
          "the firewall table inet "
              + table
              + " cannot be filled: "
              + e.getMessage()
              + "; what it lacks is closed: published ports may not be reached; it is tried again");
    }
  }

  /** A network or a published port needs the table. */
  public boolean isUsed() {
    synchronized (desired) {
      return desired.values().stream().anyMatch(each -> !each.set().equals(GUARD));
    }
  }

  /** Removes the table; removing what is gone succeeds. */
  public void uninstall() {
    lock.lock();
    try {
      NftBatch batch = new NftBatch();
      batch.deleteTable(NftBatch.INET, table);
      send(batch);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts elements back that another program took out of the sets.
   *
   * @param gone which may be, by {@link Element#describe}
   */
  void restoreElements(Predicate<String> gone) {
    lock.lock();
    try {
      NftBatch batch = new NftBatch();
      synchronized (desired) {
        desired.values().stream()
            .filter(each -> gone.test(each.describe()))
            .forEach(each -> batch.add(table, each));
      }
      // what is there already is taken as it is, without a word to those who watch
      attempt(() -> changeOrRepair(batch));
    } finally {
      lock.unlock();
    }
  }

  /** Puts the table back when it, or one of its rules, is gone; true when it was. */
  boolean restore() {
    lock.lock();
    try {
      if (isInstalled()) {
        if (stale) {
          synchronize();
        }
        return false;
      }
      load();
      synchronize();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** A change fails when another program touched the table, or on what a crash left. */
  private void changeOrRepair(NftBatch batch) {
    if (batch.isEmpty() && !stale) {
      return;
    }
    try {
      if (!stale) {
        send(batch);
        return;
      }
    } catch (KernelException e) {
      LOG.debug("firewall table {} is not as remembered, repairing", table, e);
    }
    if (!isInstalled()) {
      load();
    }
    fill();
  }

  /** The rules of this engine are there, each as it was loaded. */
  private boolean isInstalled() {
    NftListing.Seal seal = NftListing.seal(table, SEAL);
    return !seal.sum().isEmpty() && seal.comment().equals(mark(seal));
  }

  /** What the kernel made of the rules, and of which rules. */
  private String mark(NftListing.Seal seal) {
    return seal.sum() + " " + NftListing.sum(rules(table));
  }

  private static void send(NftBatch batch) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      socket.receiveBuffer(4 << 20).request(batch.finish());
    }
  }

  /**
   * Loads the rules, and with them in one step the networks' names and the guard: whatever happens
   * to the other elements, nobody reaches a container, or a network behind the host, who should
   * not. The last rule says what the kernel made of the others, so that one that is gone is
   * noticed.
   */
  private void load() {
    Nft.load(rules(table) + closing());
    stale = true;
    NftBatch batch = new NftBatch();
    batch.commentRule(table, SEAL, mark(NftListing.seal(table, SEAL)));
    send(batch);
  }

  private String closing() {
    StringBuilder text = new StringBuilder();
    synchronized (desired) {
      for (Element element : desired.values()) {
        String value =
            switch (element.set()) {
              case "nets", "internal" -> '"' + element.name() + '"';
              case GUARD -> element.key()[0] == NftBatch.IP ? "ipv4" : "ipv6";
              default -> "";
            };
        if (!value.isEmpty()) {
          text.append("add element inet " + table + " " + element.set())
              .append(" { " + value + " }\n");
        }
      }
    }
    return text.toString();
  }
}
