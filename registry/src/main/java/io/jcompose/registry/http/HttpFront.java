package io.jcompose.registry.http;

import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP/1.1 server on one port, by event loops of its own: a registry that is off costs nothing.
 * Each request has a virtual thread. Bounded by {@link Limits}. Thread-safe; its owner closes it.
 */
public final class HttpFront implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);
  private static final int MOST_LOOPS = 4;
  private static final long WAIT_SECONDS = 30;

  /** Names a free port that the servers of one deployment share. */
  private static final int SHARED = 1;

  private final Vertx vertx;
  private final Handler handler;
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final Semaphore requests = new Semaphore(Limits.REQUESTS, true);
  private final BodyTurn bodies = new BodyTurn(Limits.BODIES);
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final HeadTimers timers;
  private volatile int port;

  private HttpFront(Vertx vertx, Handler handler) {
    this.vertx = vertx;
    this.handler = handler;
    this.timers = new HeadTimers(vertx);
  }

  /** A server on an event loop of its own. */
  private final class Loop extends VerticleBase {
    private final HttpServerOptions options;
    private final SocketAddress address;

    Loop(HttpServerOptions options, SocketAddress address) {
      this.options = options;
      this.address = address;
    }

    @Override
    public Future<?> start() {
      HttpServer server =
          vertx
              .createHttpServer(options)
              .connectionHandler(HttpFront.this::connected)
              .requestHandler(HttpFront.this::request);
      servers.add(server);
      return server.listen(address).onSuccess(listening -> port = listening.actualPort());
    }
  }

  /**
   * Begins to listen.
   *
   * @throws IOException when the address cannot be had
   */
  public static HttpFront open(Listening where, Handler handler) throws IOException {
    int loops = Math.min(MOST_LOOPS, Runtime.getRuntime().availableProcessors());
    HttpFront front = new HttpFront(Vertx.vertx(options(loops)), handler);
    try {
      front.listen(where, loops);
      return front;
    } catch (IOException | RuntimeException e) {
      front.close();
      throw e;
    }
  }

  private static VertxOptions options(int loops) {
    return new VertxOptions()
        .setEventLoopPoolSize(loops)
        .setWorkerPoolSize(1)
        .setInternalBlockingPoolSize(2)
        .setBlockedThreadCheckInterval(TimeUnit.HOURS.toMillis(1)) // handlers have own threads
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  /** Servers of one port share its connections, each on an event loop. */
  private void listen(Listening where, int loops) throws IOException {
    HttpServerOptions options =
        new HttpServerOptions()
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setIdleTimeout(Limits.IDLE_SECONDS)
            .setMaxInitialLineLength(Limits.LINE_BYTES)
            .setMaxHeaderSize(Limits.HEADER_BYTES)
            .setMaxChunkSize(Limits.CHUNK_BYTES)
            .setHandle100ContinueAutomatically(true)
            .setHttp2ClearTextEnabled(false)
            .setUseAlpn(false);
    if (where.certificate() != null) {
      options.setSsl(true).setKeyCertOptions(where.certificate());
    }
    SocketAddress address =
        where.port() == 0
            ? SocketAddress.sharedRandomPort(SHARED, where.host())
            : SocketAddress.inetSocketAddress(where.port(), where.host());
    DeploymentOptions instances = new DeploymentOptions().setInstances(loops);
    String ignored =
        await(
            vertx.deployVerticle(() -> new Loop(options, address), instances),
            "listen on " + where.host() + ":" + where.port());
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** Connections that there are. */
  public int connections() {
    return connections.get();
  }

  /** Shows new connections another certificate. */
  public void certificate(KeyCertOptions certificate) throws IOException {
    for (HttpServer server : servers) {
      Boolean ignored =
          await(
              server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(certificate)),
              "take the new certificate");
    }
  }

  private void connected(HttpConnection connection) {
    connection.exceptionHandler(e -> LOG.debug("a client went away: {}", e.toString()));
    connection.closeHandler(
        closed -> {
          connections.decrementAndGet();
          timers.disarm(connection);
        });
    if (connections.incrementAndGet() > Limits.CONNECTIONS) {
      connection.close();
    } else {
      timers.arm(connection);
    }
  }

  private void request(HttpServerRequest request) {
    HttpConnection connection = request.connection();
    timers.disarm(connection);
    request.response().endHandler(sent -> timers.arm(connection));
    Context loop = vertx.getOrCreateContext();
    Exchange exchange = new Exchange(request, loop, bodies);
    Thread.ofVirtual().name("registry-request").start(() -> run(exchange));
  }

  private void run(Exchange exchange) {
    threads.add(Thread.currentThread());
    try {
      requests.acquire();
      try {
        answer(exchange);
      } finally {
        requests.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.abort();
    } finally {
      threads.remove(Thread.currentThread());
    }
  }

  private void answer(Exchange exchange) {
    try {
      handler.handle(exchange);
      finish(exchange);
    } catch (BodyInput.SlowClient e) {
      refuse(exchange, 408, e);
    } catch (BodyTurn.Busy e) {
      refuse(exchange, 503, e);
    } catch (IOException e) {
      LOG.debug("{} {}: {}", exchange.method(), exchange.path(), e.toString());
      exchange.abort();
    } catch (RuntimeException | Error e) {
      LOG.error("{} {} failed", exchange.method(), exchange.path(), e);
      refuse(exchange, 500, e);
    }
  }

  private void refuse(Exchange exchange, int status, Throwable cause) {
    LOG.debug("{} {}: {}", exchange.method(), exchange.path(), cause.toString());
    try {
      if (exchange.isStarted()) {
        exchange.abort();
      } else {
        exchange.respond(status, Map.of("Retry-After", "10"), new byte[0]);
        finish(exchange);
      }
    } catch (IOException e) {
      exchange.abort();
    }
  }

  private void finish(Exchange exchange) {
    if (exchange.hasBodyLeft()) {
      exchange.drain();
      long ignored = vertx.setTimer(Limits.DRAIN_MILLIS, late -> exchange.abort());
    }
  }

  private static <T> T await(Future<T> future, String what) throws IOException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("failed to " + what + " in " + WAIT_SECONDS + " s", e);
    } catch (ExecutionException e) {
      throw new IOException("failed to " + what + ": " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while trying to " + what);
    }
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    try {
      Void ignored = await(vertx.close(), "close the registry's server");
    } catch (IOException e) {
      LOG.warn("{}", e.getMessage());
    }
  }
}
