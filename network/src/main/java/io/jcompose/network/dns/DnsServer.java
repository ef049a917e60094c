package io.jcompose.network.dns;

import io.jcompose.core.sync.FairShare;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.SandboxRecord;
import io.jcompose.network.notice.Notices;
import io.jcompose.network.notice.Repairs;
import io.jcompose.network.thread.Acceptor;
import io.jcompose.network.thread.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name server of all containers: a UDP and a TCP socket inside each one's namespace, so that no
 * firewall of the host stands between, and one thread. Names of containers are answered on that
 * thread; questions for outside get a virtual thread each. Owned by the network stack.
 */
public final class DnsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DnsServer.class);
  private static final int TCP_CONNECTIONS = 256;
  private static final int PACKETS_AT_ONCE = 64;

  private final Resolvers host;
  private final Notices notices;
  private final Repairs repairs;

  private final DnsForwarder forwarder = new DnsForwarder();
  private final FairShare connections = new FairShare(TCP_CONNECTIONS);
  private final Map<String, Service> services = new ConcurrentHashMap<>();

  /** What containers see that were adopted and not stopped since; guarded by itself. */
  private final Map<String, DnsView> adopted = new HashMap<>();

  private final EventLoop loop = new EventLoop("jcompose-dns");

  /** Owned by the loop's thread. */
  private final ByteBuffer in = ByteBuffer.allocateDirect(4096);

  /** How long containers that were running may keep the engine's start up, in all. */
  private final AtomicLong patienceNanos = new AtomicLong(TimeUnit.SECONDS.toNanos(5));

  private final Function<NetworkNamespace, DnsSockets> opening;

  /**
   * @param opening the sockets inside the namespace of a container that runs already
   */
  public DnsServer(
      Resolvers host,
      Notices notices,
      Repairs repairs,
      Function<NetworkNamespace, DnsSockets> opening) {
    this.host = host;
    this.opening = opening;
    this.notices = notices;
    this.repairs = repairs;
  }

  /** Serves a container by sockets inside its namespace; {@link #stop} follows. */
  public void start(String containerId, DnsSockets opened, DnsView view) {
    Service service = new Service(containerId, opened, view);
    try {
      loop.register(opened.udp(), SelectionKey.OP_READ, service::readUdp);
      loop.register(
          opened.tcp(),
          SelectionKey.OP_ACCEPT,
          new Acceptor(
              loop, "the name server of container " + containerId, notices, service::open));
      services.put(containerId, service);
    } catch (IOException e) {
      opened.close();
      throw new UncheckedIOException("failed to serve names of " + containerId, e);
    }
  }

  /**
   * Serves a container that runs since before this engine's start. What cannot be opened is told,
   * and tried until it can. A container that may change its own firewall can keep the kernel busy
   * with that for as long as it likes: after a moment it is no longer waited for.
   */
  public void adopt(SandboxRecord record, NetworkNamespace namespace, DnsView view) {
    String id = record.containerId();
    synchronized (adopted) {
      adopted.put(id, view);
    }
    CompletableFuture<Boolean> done =
        reopen(id, namespace)
            .exceptionally(
                e -> {
                  retry(record, namespace, e);
                  return false;
                });
    long begin = System.nanoTime();
    try {
      done.get(patienceNanos.get(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      LOG.warn("container {} resolves no names for now", record.containerName(), e);
    } catch (ExecutionException e) {
      LOG.error("container {} resolves no names", record.containerName(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // of one of them or of many, an engine's start takes no longer than that
    patienceNanos.updateAndGet(left -> Math.max(0, left - (System.nanoTime() - begin)));
  }

  private void retry(SandboxRecord record, NetworkNamespace namespace, Throwable reason) {
    String id = record.containerId();
    synchronized (adopted) {
      if (adopted.containsKey(id)) {
        repairs.retry(
            key(id),
            "container "
                + record.containerName()
                + " resolves no names: "
                + reason.getMessage()
                + "; it is tried again until it does",
            () -> reopen(id, namespace).join());
      }
    }
  }

  /** On a thread of its own, which the kernel may keep. */
  private CompletableFuture<Boolean> reopen(String containerId, NetworkNamespace namespace) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("jcompose-dns-opening")
        .start(
            () -> {
              try {
                take(containerId, opening.apply(namespace));
                done.complete(true);
              } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
              }
            });
    return done;
  }

  private void take(String containerId, DnsSockets opened) {
    synchronized (adopted) {
      DnsView view = adopted.get(containerId);
      if (view == null) {
        opened.close();
      } else {
        start(containerId, opened, view);
      }
    }
  }

  /** From now on a container sees other names; nothing happens when it is not served. */
  public void replace(String containerId, DnsView view) {
    synchronized (adopted) {
      adopted.computeIfPresent(containerId, (id, old) -> view);
      Service service = services.get(containerId);
      if (service != null) {
        service.view = view;
      }
    }
  }

  private static String key(String containerId) {
    return "name server of " + containerId;
  }

  /** Ends what {@link #start} or {@link #adopt} began, so that nothing holds the namespace. */
  public void stop(String containerId) {
    synchronized (adopted) {
      adopted.remove(containerId);
    }
    repairs.cancel(key(containerId));
    Service service = services.remove(containerId);
    if (service != null) {
      loop.release(service::close);
    }
  }

  @Override
  public void close() {
    loop.close();
    services.values().forEach(Service::close);
    services.clear();
  }

  /** Gives the answer to a question that no network knows, on a virtual thread or at once. */
  private void outside(
      Service service, DnsQuery query, byte[] packet, boolean tcp, DnsConnection.Taker taker) {
    DnsView view = service.view;
    boolean address = query.type() == DnsQuery.TYPE_A || query.type() == DnsQuery.TYPE_AAAA;
    if (view.keepsBareNames() && address && query.name().indexOf('.') < 0) {
      taker.take(query.empty(DnsQuery.NXDOMAIN));
      return;
    }
    boolean own = !view.servers().isEmpty();
    List<String> servers = own ? view.servers() : view.internal() ? List.of() : host.nameServers();
    if (servers.isEmpty()) {
      taker.take(DnsAnswers.unknown(query));
    } else if (!forwarder.begin(service.containerId)) {
      taker.take(query.empty(DnsQuery.SERVFAIL));
    } else {
      ChannelFactory channels = own ? view.channels() : ChannelFactory.HOST;
      Thread.ofVirtual()
          .name("dns question")
          .start(
              () -> {
                byte[] answer = query.empty(DnsQuery.SERVFAIL);
                try {
                  answer = forwarder.ask(query, packet, servers, channels, tcp).orElse(answer);
                } catch (RuntimeException e) {
                  // a TCP client is kept until there is an answer
                  LOG.warn("name servers {} cannot be asked", servers, e);
                } finally {
                  forwarder.end(service.containerId);
                }
                taker.take(answer);
              });
    }
  }

  private static void reply(DatagramChannel channel, SocketAddress client, byte[] answer) {
    try {
      channel.send(ByteBuffer.wrap(answer), client);
    } catch (IOException e) {
      LOG.debug("an answer could not be sent to {}", client, e);
    }
  }

  /** One container's server. Its connections are owned by the loop's thread. */
  private final class Service {
    private final String containerId;
    private final DnsSockets sockets;
    private volatile DnsView view;
    private final Set<DnsConnection> open = new HashSet<>();

    Service(String containerId, DnsSockets sockets, DnsView view) {
      this.containerId = containerId;
      this.sockets = sockets;
      this.view = view;
    }

    private void readUdp(SelectionKey key) {
      // a bound on packets at once keeps one container from starving the others
      for (int i = 0; i < PACKETS_AT_ONCE; i++) {
        in.clear();
        try {
          SocketAddress client = sockets.udp().receive(in);
          if (client == null) {
            return;
          }
          in.flip();
          answer(client);
        } catch (IOException | RuntimeException e) {
          LOG.debug("a question of {} is not answered", containerId, e);
          return;
        }
      }
    }

    private void answer(SocketAddress client) {
      Optional<DnsQuery> query = DnsQuery.parse(in);
      if (query.isEmpty()) {
        return;
      }
      Optional<byte[]> answer = DnsAnswers.answer(query.get(), view, false);
      if (answer.isPresent()) {
        reply(sockets.udp(), client, answer.get());
        return;
      }
      byte[] packet = new byte[in.limit()];
      in.get(0, packet);
      outside(this, query.get(), packet, false, bytes -> reply(sockets.udp(), client, bytes));
    }

    private void open(SocketChannel client) {
      if (!connections.take(containerId, 1)) {
        EventLoop.close(client);
        return;
      }
      try {
        open.add(new DnsConnection(loop, client, this::ask, this::ended));
      } catch (IOException e) {
        LOG.debug("a TCP client of {} cannot be served", containerId, e);
        connections.give(containerId, 1);
        EventLoop.close(client);
      }
    }

    private void ended(DnsConnection connection) {
      open.remove(connection);
      connections.give(containerId, 1);
    }

    private void ask(DnsQuery query, byte[] packet, DnsConnection.Taker taker) {
      Optional<byte[]> answer = DnsAnswers.answer(query, view, true);
      if (answer.isPresent()) {
        taker.take(answer.get());
      } else {
        outside(this, query, packet, true, taker);
      }
    }

    private void close() {
      List.copyOf(open).forEach(DnsConnection::close);
      sockets.close();
    }
  }
}
