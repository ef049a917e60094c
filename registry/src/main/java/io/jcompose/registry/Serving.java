package io.jcompose.registry;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.Repository;
import io.jcompose.images.repository.ServedManifest;
import io.jcompose.images.repository.Upstream;
import io.jcompose.registry.access.Accounts;
import io.jcompose.registry.access.LoginGate;
import io.jcompose.registry.http.HttpFront;
import io.jcompose.registry.http.Listening;
import io.jcompose.registry.page.WebPages;
import io.jcompose.registry.protocol.DistributionApi;
import io.jcompose.registry.tls.Identity;
import io.jcompose.registry.tls.OwnAuthority;
import io.jcompose.registry.tls.Pem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A registry that is being served: its front, and what goes on beside it. Thread-safe. */
final class Serving implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);
  private static final long UPKEEP_MINUTES = 10;

  /** How long what a tag of another registry names is believed. */
  private static final Duration TAG_LIFE = Duration.ofMinutes(5);

  /** How long what was fetched from another registry is kept that nobody pulls. */
  private static final Duration FETCHED_LIFE = Duration.ofDays(30);

  private static final int MOST_FILE_BYTES = 1 << 20;

  private final RegistrySettings settings;
  private final Path directory;
  private final Repositories repositories;
  private final HttpFront front;
  private final ScheduledExecutorService upkeep =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("registry-upkeep").daemon().factory());
  private @Nullable Identity shown; // by the thread of the upkeep alone

  private Serving(
      RegistrySettings settings,
      Path directory,
      Repositories repositories,
      @Nullable Identity shown,
      HttpFront front) {
    this.settings = settings;
    this.directory = directory;
    this.repositories = repositories;
    this.shown = shown;
    this.front = front;
  }

  static Serving start(
      RegistrySettings settings, Path directory, Repositories repositories, Accounts accounts)
      throws IOException {
    check(settings, accounts);
    settings.upstreams().forEach(upstream -> check(upstream, repositories));
    LoginGate gate =
        new LoginGate(accounts, settings.isLoopback(), settings.names(), settings.everybodyReads());
    OtherPaths others =
        new OtherPaths(gate, authority(directory), new WebPages(repositories, gate));
    DistributionApi api = new DistributionApi(repositories, gate, others);
    Identity identity = settings.isSecure() ? identity(settings, directory) : null;
    HttpFront front =
        HttpFront.open(
            new Listening(
                settings.host(), settings.port(), identity == null ? null : identity.options()),
            api);
    Serving serving = new Serving(settings, directory, repositories, identity, front);
    try {
      Set<String> hosts = serving.hosts();
      requireOthers(settings.upstreams(), hosts);
      repositories.servedAs(hosts);
      repositories.upstreams().serve(settings.upstreams(), TAG_LIFE);
    } catch (IOException | RuntimeException e) {
      serving.close();
      throw e;
    }
    ScheduledFuture<?> ignored =
        serving.upkeep.scheduleWithFixedDelay(serving::tend, 0, UPKEEP_MINUTES, TimeUnit.MINUTES);
    LOG.info("the registry is served at {}", serving.address());
    return serving;
  }

  private static void check(RegistrySettings settings, Accounts accounts) {
    if (!settings.isLoopback() && accounts.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "everybody who reaches %s could write to the registry; add a user first: jcompose registry user add NAME"
              .formatted(settings.host()));
    }
  }

  /** What was pushed under a name that would now be another registry's could no more be had. */
  private static void check(Upstream upstream, Repositories repositories) {
    for (Repository one : repositories.all()) {
      if (!one.isFetched() && one.name().text().startsWith(upstream.prefix() + "/")) {
        throw new JcomposeException.InvalidArgument(
            "repository %s was pushed here, and would be one of %s; push it to another name, and remove it: jcompose registry rm %s"
                .formatted(one.name(), upstream, one.name()));
      }
    }
  }

  private static void requireOthers(List<Upstream> upstreams, Set<String> hosts) {
    for (Upstream one : upstreams) {
      if (hosts.contains(one.host())) {
        throw new JcomposeException.InvalidArgument(
            one + " is this registry itself, and not one to fetch from");
      }
    }
  }

  static OwnAuthority authority(Path directory) {
    return new OwnAuthority(directory.resolve("tls"));
  }

  private static Identity identity(RegistrySettings settings, Path directory) throws IOException {
    if (settings.certificate().isEmpty()) {
      return authority(directory).identity(certificateNames(settings));
    }
    byte[] certificate = file(settings.certificate());
    try {
      Pem.certificate(certificate).checkValidity();
    } catch (CertificateException e) {
      LOG.warn("{}: {}", settings.certificate(), e.getMessage());
    }
    return new Identity(certificate, file(settings.key()));
  }

  private static byte[] file(String name) throws IOException {
    Path file = Path.of(name);
    if (!Files.isRegularFile(file) || Files.size(file) > MOST_FILE_BYTES) {
      throw new JcomposeException.InvalidArgument(name + " is no file of a certificate or key");
    }
    return Files.readAllBytes(file);
  }

  /** All that clients may call this host by. */
  private static List<String> certificateNames(RegistrySettings settings) throws IOException {
    Set<String> names = new LinkedHashSet<>(settings.names());
    names.addAll(List.of("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"));
    names.add(hostName());
    if (settings.isEverywhere()) {
      names.addAll(addresses());
    } else {
      names.add(InetAddress.getByName(settings.host()).getHostAddress());
    }
    return List.copyOf(names);
  }

  private static String hostName() {
    try {
      String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
      return name.matches("[A-Za-z0-9.-]{1,253}") ? name : "localhost";
    } catch (IOException e) {
      return "localhost";
    }
  }

  private static List<String> addresses() throws IOException {
    List<String> addresses = new ArrayList<>();
    for (NetworkInterface one : NetworkInterface.networkInterfaces().toList()) {
      one.inetAddresses()
          .map(address -> address.getHostAddress().replaceFirst("%.*", ""))
          .filter(address -> !address.startsWith("fe80:"))
          .forEach(addresses::add);
    }
    return addresses;
  }

  RegistrySettings settings() {
    return settings;
  }

  /** {@code https://0.0.0.0:5000}. */
  private String address() {
    return (settings.isSecure() ? "https://" : "http://") + hostAndPort(settings.host());
  }

  private String hostAndPort(String host) {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + front.port();
  }

  /** What the engine's own client calls it. */
  private Set<String> hosts() throws IOException {
    Set<String> hosts = new HashSet<>();
    hosts.add(hostAndPort(settings.host()));
    if (settings.isLoopback() || settings.isEverywhere()) {
      hosts.add(hostAndPort("localhost"));
      hosts.add(hostAndPort("127.0.0.1"));
      hosts.add(hostAndPort("::1"));
    }
    if (settings.isEverywhere()) {
      hosts.add(hostAndPort(hostName()));
      addresses().forEach(address -> hosts.add(hostAndPort(address)));
    }
    settings.names().forEach(name -> hosts.add(hostAndPort(name)));
    return hosts;
  }

  RegistryStatus status() {
    return new RegistryStatus(address(), settings.isSecure(), settings);
  }

  /** What is to be done from time to time: old uploads and manifests, a new certificate. */
  private void tend() {
    try {
      int ignored = repositories.collect(this::isOld);
      renew();
    } catch (IOException | RuntimeException e) { // or it would never be tried again
      LOG.warn("the registry's upkeep failed, and is tried again: {}", e.getMessage());
    }
  }

  private boolean isOld(Repository repository, ServedManifest manifest) {
    Duration life =
        repository.isFetched() ? FETCHED_LIFE : Duration.ofDays(settings.untaggedDays());
    return !life.isNegative() && manifest.usedAt().isBefore(Instant.now().minus(life));
  }

  private void renew() throws IOException {
    Identity before = shown;
    if (before == null) {
      return;
    }
    Identity now = identity(settings, directory);
    if (!Arrays.equals(now.certificate(), before.certificate())) {
      front.certificate(now.options());
      shown = now;
      LOG.info("the registry shows a new certificate");
    }
  }

  @Override
  public void close() {
    upkeep.shutdownNow();
    repositories.servedAs(Set.of());
    repositories.upstreams().serve(List.of(), TAG_LIFE);
    front.close();
    LOG.info("the registry is no more served at {}", address());
  }
}
