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
 * when another program flushes it. Guarded by {@code lock}; call on platform threads.
 */
final class Firewall {
  private static final Logger LOG = LoggerFactory.getLogger(Firewall.class);
  private static final String LAYOUT = "layout_1";
  private static final List<String> SETS =
      List.of(
          "nets", "internal", "masq", "own4", "own6", "pairs", "pub4", "pub4ip", "pub6", "pub6ip");
  private static final long NFT_LIMIT_SECONDS = 20;

  private final String table;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Element> desired = new LinkedHashMap<>();

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

  void add(Collection<Element> elements) {
    change(elements, true);
  }

  /** Removing what is gone succeeds. */
  void remove(Collection<Element> elements) {
    change(elements, false);
  }

  /** Makes the table hold exactly what it should, in one step. */
  void synchronize() {
    lock.lock();
    try {
      NftBatch batch = new NftBatch();
      SETS.forEach(set -> batch.flush(table, set));
      desired.values().forEach(element -> batch.add(table, element));
      send(batch);
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

  /** Takes the table away: for an engine that has no networks left. */
  void uninstall() {
    lock.lock();
    try {
      desired.clear();
      NftBatch batch = new NftBatch();
      batch.deleteTable(NftBatch.INET, table);
      send(batch);
    } catch (KernelException e) {
      LOG.debug("firewall table {} was gone already", table, e);
    } finally {
      lock.unlock();
    }
  }

  private void change(Collection<Element> elements, boolean add) {
    if (elements.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      NftBatch batch = new NftBatch();
      for (Element element : elements) {
        if (add) {
          desired.put(element.describe(), element);
          batch.add(table, element);
        } else if (desired.remove(element.describe()) != null) {
          batch.delete(table, element);
        }
      }
      if (!batch.isEmpty()) {
        changeOrRepair(batch);
      }
    } catch (RuntimeException e) {
      if (add) {
        elements.forEach(element -> desired.remove(element.describe()));
      }
      throw e;
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
