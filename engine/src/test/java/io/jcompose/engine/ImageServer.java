package io.jcompose.engine;

import com.sun.net.httpserver.HttpServer;
import io.jcompose.core.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A registry on loopback that holds one image of this machine's busybox. */
final class ImageServer implements AutoCloseable {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final List<String> APPLETS =
      List.of(
          "sh cat echo sleep ls id env true false stat nc head seq touch rm wc mkdir ln chmod cp tail"
              .split(" "));

  private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
  private final HttpServer server;

  ImageServer() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          byte[] content = path.equals("/v2/") ? new byte[] {'{', '}'} : contents.get(path);
          if (path.contains("/manifests/")) {
            exchange
                .getResponseHeaders()
                .set("Content-Type", "application/vnd.oci.image.manifest.v1+json");
          }
          boolean head = exchange.getRequestMethod().equals("HEAD");
          exchange.sendResponseHeaders(
              content == null ? 404 : 200, content == null || head ? -1 : content.length);
          if (content != null && !head) {
            exchange.getResponseBody().write(content);
          }
          exchange.close();
        });
    image();
    server.start();
  }

  String reference() {
    return "127.0.0.1:" + server.getAddress().getPort() + "/box:1";
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void image() throws Exception {
    byte[] layer = layer();
    byte[] config =
        """
        {"os":"linux","architecture":"%s","config":{"Cmd":["sleep","1000"],"Env":["PATH=/bin","FROM=image"],
         "Volumes":{"/declared/":{}},"StopSignal":"SIGTERM"},
         "rootfs":{"type":"layers","diff_ids":["%s"]}}
        """
            .formatted(
                System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64", digest(layer))
            .getBytes(StandardCharsets.UTF_8);
    byte[] manifest =
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
            .formatted(
                blob("application/vnd.oci.image.config.v1+json", config),
                blob("application/vnd.oci.image.layer.v1.tar", layer))
            .getBytes(StandardCharsets.UTF_8);
    contents.put("/v2/box/manifests/1", manifest);
    contents.put("/v2/box/manifests/" + digest(manifest), manifest);
  }

  private String blob(String type, byte[] data) throws Exception {
    contents.put("/v2/box/blobs/" + digest(data), data);
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, digest(data), data.length);
  }

  private static byte[] layer() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (String dir : List.of("bin/", "etc/", "tmp/", "proc/", "dev/", "sys/", "data/")) {
        file(tar, dir, new byte[0], 0755);
      }
      file(tar, "bin/busybox", Files.readAllBytes(BUSYBOX), 0755);
      file(tar, "etc/passwd", bytes("root:x:0:0::/:/bin/sh\njoe:x:1000:1000::/:/bin/sh\n"), 0644);
      file(tar, "etc/group", bytes("root:x:0:\njoe:x:1000:\n"), 0644);
      file(tar, "data/seed", bytes("from the image\n"), 0640);
      for (String applet : APPLETS) {
        TarArchiveEntry link = new TarArchiveEntry("bin/" + applet, TarConstants.LF_SYMLINK);
        link.setLinkName("busybox");
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static void file(TarArchiveOutputStream tar, String name, byte[] content, int mode)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    entry.setMode(mode);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Digest digest(byte[] data) throws Exception {
    return Digest.sha256(MessageDigest.getInstance("SHA-256").digest(data));
  }
}
