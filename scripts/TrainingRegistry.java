import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * A registry on loopback with one image under every name: one layer, one static program in it. The engine's cache is trained on a stack of
 * it. Run from source: {@code java TrainingRegistry.java PROGRAM PORT-FILE}.
 */
class TrainingRegistry {
  private static final String TYPE = "application/vnd.oci.image.";
  private static final Map<String, byte[]> BLOBS = new HashMap<>();

  public static void main(String[] args) throws Exception {
    byte[] tar = tar("program", Files.readAllBytes(Path.of(args[0])));
    String layer = blob(gzip(tar));
    String config =
        blob(
            ("{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/program\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}")
                .formatted(architecture(), digest(tar))
                .getBytes(StandardCharsets.UTF_8));
    String manifest =
        blob(
            ("{\"schemaVersion\":2,\"mediaType\":\"%smanifest.v1+json\",\"config\":%s,\"layers\":[%s]}")
                .formatted(TYPE, descriptor("config.v1+json", config), descriptor("layer.v1.tar+gzip", layer))
                .getBytes(StandardCharsets.UTF_8));
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, manifest));
    server.start();
    Files.writeString(Path.of(args[1]), Integer.toString(server.getAddress().getPort()));
  }

  private static void answer(HttpExchange exchange, String manifest) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String name = path.substring(path.lastIndexOf('/') + 1);
    byte[] body = path.contains("/manifests/") ? BLOBS.get(manifest) : path.contains("/blobs/") ? BLOBS.get(name) : new byte[0];
    if (path.contains("/manifests/")) {
      exchange.getResponseHeaders().set("Content-Type", TYPE + "manifest.v1+json");
      exchange.getResponseHeaders().set("Docker-Content-Digest", manifest);
    }
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body == null ? 0 : body.length));
    }
    exchange.sendResponseHeaders(body == null ? 404 : 200, head || body == null || body.length == 0 ? -1 : body.length);
    if (!head && body != null && body.length > 0) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  private static String architecture() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
  }

  private static String descriptor(String type, String digest) {
    return "{\"mediaType\":\"%s%s\",\"digest\":\"%s\",\"size\":%d}".formatted(TYPE, type, digest, BLOBS.get(digest).length);
  }

  private static String blob(byte[] content) throws Exception {
    BLOBS.put(digest(content), content);
    return digest(content);
  }

  private static String digest(byte[] content) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  /** One executable file in the ustar format (POSIX.1-2017, pax). */
  private static byte[] tar(String name, byte[] content) {
    int padded = (content.length + 511) / 512 * 512;
    ByteBuffer tar = ByteBuffer.allocate(512 + padded + 1024);
    field(tar, 0, name);
    field(tar, 100, "0000755");
    field(tar, 108, "0000000");
    field(tar, 116, "0000000");
    field(tar, 124, "%011o".formatted(content.length));
    field(tar, 136, "%011o".formatted(0));
    field(tar, 148, "        ");
    field(tar, 156, "0");
    field(tar, 257, "ustar");
    field(tar, 263, "00");
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += tar.get(i);
    }
    field(tar, 148, "%06o\0 ".formatted(sum));
    tar.put(512, content);
    return tar.array();
  }

  private static void field(ByteBuffer tar, int offset, String text) {
    tar.put(offset, text.getBytes(StandardCharsets.US_ASCII));
  }
}
