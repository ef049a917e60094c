package io.jcompose.samples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A registry on loopback whose images are made to harm. */
final class HostileRegistry implements AutoCloseable {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
  private final Map<String, List<String>> readers = new ConcurrentHashMap<>();
  private final List<Hold> holds = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  /**
   * Requests whose answer is begun and not ended.
   *
   * @param part of their path
   */
  record Hold(String part, CountDownLatch begun, CountDownLatch over) {
    /** Waits for the first of them. */
    void await() throws InterruptedException {
      if (!begun.await(1, TimeUnit.MINUTES)) {
        throw new AssertionError("nobody asked for " + part);
      }
    }

    /** The beginning of an answer is on its way; waits until the rest is wanted. */
    private void take(HttpExchange exchange) throws IOException {
      if (exchange.getResponseCode() > 0) {
        exchange.getResponseBody().flush();
      }
      begun.countDown();
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Writes a layer's entries. */
  @FunctionalInterface
  interface Entries {
    void write(TarArchiveOutputStream tar) throws IOException;
  }

  HostileRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          if (!isAllowed(path, exchange.getRequestHeaders().getFirst("Authorization"))) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
            return;
          }
          byte[] content = path.equals("/v2/") ? new byte[] {'{', '}'} : contents.get(path);
          if (path.contains("/manifests/")) {
            exchange
                .getResponseHeaders()
                .set("Content-Type", "application/vnd.oci.image.manifest.v1+json");
          }
          answer(exchange, path, content);
        });
    server.start();
  }

  private void answer(HttpExchange exchange, String path, byte[] content) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    Optional<Hold> hold = holds.stream().filter(one -> path.contains(one.part)).findFirst();
    if (hold.isPresent() && content == null) {
      hold.get().take(exchange);
    }
    exchange.sendResponseHeaders(
        content == null ? 404 : 200, content == null || head ? -1 : content.length);
    if (content != null && !head) {
      int half = hold.isPresent() ? content.length / 2 : 0;
      exchange.getResponseBody().write(content, 0, half);
      if (hold.isPresent()) {
        hold.get().take(exchange);
      }
      exchange.getResponseBody().write(content, half, content.length - half);
    }
    exchange.close();
  }

  /** From now on answers to requests of such paths stop in their middle. */
  Hold hold(String part) {
    Hold hold = new Hold(part, new CountDownLatch(1), new CountDownLatch(1));
    holds.add(hold);
    return hold;
  }

  /** Ends it: what was held goes on, and nothing else is held. */
  void release(Hold hold) {
    holds.remove(hold);
    hold.over.countDown();
  }

  @Override
  public void close() {
    holds.forEach(this::release);
    server.stop(0);
  }

  /** The name of an image of this registry. */
  String reference(String name) {
    return host() + "/" + name + ":1";
  }

  /** The place of this registry in images' names. */
  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** From now on logins are asked for; an image is for those users alone that are named. */
  void restrict(String name, String... logins) {
    List<String> headers = new ArrayList<>();
    for (String login : logins) {
      byte[] pair = login.getBytes(StandardCharsets.UTF_8);
      headers.add("Basic " + Base64.getEncoder().encodeToString(pair));
    }
    readers.put(name, headers);
  }

  private boolean isAllowed(String path, String header) {
    if (path.equals("/v2/")) {
      return readers.isEmpty() || readers.values().stream().anyMatch(all -> all.contains(header));
    }
    String name = path.replaceFirst("^/v2/", "").replaceFirst("/(manifests|blobs)/.*", "");
    return !readers.containsKey(name) || readers.get(name).contains(header);
  }

  /** Serves any bytes as a manifest; returns the image's name. */
  String manifest(String name, byte[] manifest) {
    contents.put("/v2/" + name + "/manifests/1", manifest);
    contents.put("/v2/" + name + "/manifests/" + digest(manifest), manifest);
    return reference(name);
  }

  /** Serves bytes as a blob of an image; returns its digest. */
  String blob(String name, byte[] data) {
    contents.put("/v2/" + name + "/blobs/" + digest(data), data);
    return digest(data);
  }

  /**
   * Serves an image of busybox and further layers.
   *
   * @param members of its config, such as {@code "Volumes":{"/d":{}}}
   * @return the image's name
   */
  String image(String name, String members, Entries... layers) throws IOException {
    List<byte[]> tars = new ArrayList<>(List.of(tar(HostileRegistry::busybox)));
    for (Entries layer : layers) {
      tars.add(tar(layer));
    }
    String diffIds = String.join("\",\"", tars.stream().map(HostileRegistry::digest).toList());
    String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    String config =
        "{\"os\":\"linux\",\"architecture\":\"%s\",\"config\":{\"Env\":[\"PATH=/bin\"]%s},"
                .formatted(arch, members.isEmpty() ? "" : "," + members)
            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}".formatted(diffIds);
    return image(name, config.getBytes(StandardCharsets.UTF_8), tars);
  }

  /** Serves an image with any bytes as its config. */
  String image(String name, byte[] config, List<byte[]> tars) throws IOException {
    List<String> layers = new ArrayList<>();
    for (byte[] tar : tars) {
      layers.add(descriptor(name, "application/vnd.oci.image.layer.v1.tar+gzip", gzip(tar)));
    }
    String text =
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
            .formatted(
                descriptor(name, "application/vnd.oci.image.config.v1+json", config),
                String.join(",", layers));
    return manifest(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private String descriptor(String name, String type, byte[] data) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, blob(name, data), data.length);
  }

  static byte[] tar(Entries entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      entries.write(tar);
    }
    return bytes.toByteArray();
  }

  /** An entry without content. */
  static void entry(TarArchiveOutputStream tar, TarArchiveEntry entry) throws IOException {
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  private static void busybox(TarArchiveOutputStream tar) throws IOException {
    entry(tar, new TarArchiveEntry("bin/"));
    TarArchiveEntry program = new TarArchiveEntry("bin/busybox");
    byte[] content = Files.readAllBytes(BUSYBOX);
    program.setSize(content.length);
    program.setMode(0755);
    tar.putArchiveEntry(program);
    tar.write(content);
    tar.closeArchiveEntry();
    for (String applet : "sh cat ls stat head sleep true id timeout".split(" ")) {
      TarArchiveEntry link = new TarArchiveEntry("bin/" + applet, TarArchiveEntry.LF_SYMLINK);
      link.setLinkName("busybox");
      entry(tar, link);
    }
  }

  private static byte[] gzip(byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(data);
    }
    return bytes.toByteArray();
  }

  private static String digest(byte[] data) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(data);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
