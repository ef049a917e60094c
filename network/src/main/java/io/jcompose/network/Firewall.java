package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.NetlinkSocket;
import io.jcompose.network.NftBatch.Element;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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
final class Firewall {
  /** Set on every forwarded packet that the table lets through. */
  static final int MARK = 0x01000000;

  private static final Logger LOG = LoggerFactory.getLogger(Firewall.class);
  private static final String LAYOUT = "layout_2";
  private static final List<String> SETS =
      List.of(
          "nets",
          "internal",
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
  private static final long NFT_LIMIT_SECONDS = 20;

  private final String table;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Element> desired = new LinkedHashMap<>();

  /** In the kernel's table, but not wanted there. */
  private final Map<String, Element> unwanted = new LinkedHashMap<>();

  Firewall(String table) {
    this.table = table;
  }

  /** Installs the table unless it is there in this layout; keeps the elements of one that is. */
  void install() {
    lock.lock();
    try {
      if (!isInstalled()) {
        load();
      }
    } finally {
      lock.unlock();
    }
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

  /** Adds elements, after deleting what was removed before. */
  void add(Collection<Element> elements) {
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
      if (!batch.isEmpty()) {
        changeOrRepair(batch);
      }
    } catch (RuntimeException e) {
      remove(elements);
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes that elements shall go; does not wait. Removing what is gone succeeds.
   *
   * @return true when nothing was noted before, so that the caller should have {@link #flush} run
   */
  boolean remove(Collection<Element> elements) {
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
  void flush() {
    add(List.of());
  }

  /** Makes the table hold exactly what it should, in one step. */
  void synchronize() {
    lock.lock();
    try {
      NftBatch batch = new NftBatch();
      SETS.forEach(set -> batch.flush(table, set));
      synchronized (desired) {
        unwanted.clear();
        desired.values().forEach(element -> batch.add(table, element));
      }
      send(batch);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes the table, unless a network or a published port still needs it.
   *
   * @return true when it is gone
   */
  boolean uninstallIfUnused() {
    lock.lock();
    try {
      synchronized (desired) {
        if (!desired.isEmpty()) {
          return false;
        }
      }
      NftBatch batch = new NftBatch();
      batch.deleteTable(NftBatch.INET, table);
      send(batch);
      return true;
    } catch (KernelException e) {
      if (!e.is(jnr.constants.platform.Errno.ENOENT)) {
        throw e;
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Puts the table back when it is gone; true when it was. */
  boolean restore() {
    lock.lock();
    try {
      if (isInstalled()) {
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
    try {
      send(batch);
    } catch (KernelException e) {
      LOG.debug("firewall table {} is not as remembered, repairing", table, e);
      if (!restore()) {
        synchronize();
      }
    }
  }

  private boolean isInstalled() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      return !socket.request(NftBatch.getChain(table, LAYOUT)).isEmpty();
    } catch (KernelException e) {
      if (e.is(jnr.constants.platform.Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private static void send(NftBatch batch) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      socket.receiveBuffer(4 << 20).request(batch.finish());
    }
  }

  private void load() {
    try {
      Process nft = new ProcessBuilder(program(), "-f", "-").redirectErrorStream(true).start();
      try (var in = nft.getOutputStream()) {
        in.write(rules(table).getBytes(StandardCharsets.UTF_8));
      }
      String output = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!nft.waitFor(NFT_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        nft.destroyForcibly();
        throw new JcomposeException.Timeout("nft did not load table inet " + table + " in time");
      }
      if (nft.exitValue() != 0) {
        throw new JcomposeException.Internal(
            "failed to load firewall table inet " + table + ": " + output.strip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to run nft", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while loading the firewall table");
    }
  }

  private static String program() {
    for (String folder : List.of("/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin")) {
      Path nft = Path.of(folder, "nft");
      if (Files.isExecutable(nft)) {
        return nft.toString();
      }
    }
    throw new JcomposeException.Unavailable("nft is not installed; install the package nftables");
  }
}
