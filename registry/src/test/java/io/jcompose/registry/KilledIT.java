package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import io.jcompose.images.ImageStore;
import io.jcompose.images.registry.RegistryConfig;
import io.jcompose.images.repository.Upstream;
import io.jcompose.registry.access.Gate;
import io.jcompose.registry.http.HttpFront;
import io.jcompose.registry.http.Listening;
import io.jcompose.registry.protocol.DistributionApi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A registry in a process of its own that is killed while it works, and started again. */
@Timeout(180)
class KilledIT extends RegistryUnderTest {
  private static final int PUSHERS = 4;
  private static final int LAYER = 3_000_000;
  private final Map<String, byte[]> pushed = new ConcurrentHashMap<>(); // manifests by their tags
  private final CountDownLatch goOn = new CountDownLatch(1);
  private OtherRegistry other;
  private Process process;

  @BeforeEach
  @Override
  void open() throws IOException {
    other = new OtherRegistry();
    start();
  }

  private void start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath()));
    command.addAll(List.of(Served.class.getName(), temp.toString(), other.host()));
    process = new ProcessBuilder(command).redirectError(temp.resolve("log").toFile()).start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    assertThat(line).startsWith("port ");
    base = "http://127.0.0.1:" + line.substring(5);
  }

  private void kill() throws Exception {
    process.destroyForcibly();
    assertThat(process.waitFor()).isEqualTo(128 + 9);
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  @AfterEach
  @Override
  void close() throws IOException {
    http.shutdownNow();
    process.destroyForcibly();
    goOn.countDown();
    other.close();
  }

  /** What runs in the process. */
  static final class Served {
    private Served() {}

    public static void main(String[] args) throws IOException {
      Path temp = Path.of(args[0]);
      RegistryConfig config =
          new RegistryConfig(
              Map.of(), List.of(), List.of(), temp.resolve("none.json"), key -> null);
      ImageStore store =
          ImageStore.open(
              temp.resolve("images"), temp.resolve("containers"), config, id -> List.of());
      store.repositories().upstreams().serve(List.of(new Upstream(args[1])), Duration.ofHours(1));
      DistributionApi api =
          new DistributionApi(
              store.repositories(),
              Gate.OPEN,
              exchange -> exchange.respond(404, Map.of(), new byte[0]));
      HttpFront front = HttpFront.open(new Listening("127.0.0.1", 0, null), api);
      System.out.println("port " + front.port());
      int ignored = System.in.read(); // until the test ends
    }
  }

  private void push(int pusher) {
    try {
      for (int i = 0; ; i++) {
        String tag = pusher + "-" + i;
        byte[] manifest = pushImage("app", tag, noise(1000 * pusher + i, LAYER));
        pushed.put(tag, manifest);
      }
    } catch (Exception | AssertionError e) {
      return; // it was killed, as the test wants it
    }
  }

  private void assertWhole(String tag) throws Exception {
    String[] parts = tag.split("-");
    byte[] layer = noise(1000 * Integer.parseInt(parts[0]) + Integer.parseInt(parts[1]), LAYER);
    assertThat(get("/v2/app/blobs/" + digest(layer)).body()).as(tag).isEqualTo(layer);
  }

  @Test
  void whatWasTakenIsThereAndNothingElse() throws Exception {
    List<Thread> pushers = new ArrayList<>();
    for (int i = 1; i <= PUSHERS; i++) {
      int pusher = i;
      pushers.add(Thread.startVirtualThread(() -> push(pusher)));
    }
    String location = begin("app");
    assertThat(send("PATCH", location, noise(9, 100_000)).statusCode()).isEqualTo(202);
    while (pushed.size() < 3 * PUSHERS) {
      Thread.onSpinWait();
    }
    kill();
    for (Thread pusher : pushers) {
      pusher.join();
    }
    Map<String, byte[]> told = Map.copyOf(pushed);
    start();
    assertThat(names("ingest")).isEmpty();
    for (Map.Entry<String, byte[]> one : told.entrySet()) {
      assertThat(get("/v2/app/manifests/" + one.getKey()).body()).isEqualTo(one.getValue());
      assertWhole(one.getKey());
    }
    for (int pusher = 1; pusher <= PUSHERS; pusher++) {
      for (int i = 0; i < told.size() + 1; i++) {
        String tag = pusher + "-" + i;
        if (!told.containsKey(tag) && get("/v2/app/manifests/" + tag).statusCode() == 200) {
          assertWhole(tag); // its answer alone was lost
        }
      }
    }
    assertRefused(get(location), 404, "BLOB_UPLOAD_UNKNOWN");
    pushImage("app", "again", noise(10, LAYER));
  }

  @Test
  void whatWasBeingFetchedIsFetchedAnew() throws Exception {
    byte[] layer = noise(1, LAYER);
    Digest digest = digest(layer);
    other.image("app", "1", layer);
    CountDownLatch half = new CountDownLatch(1);
    other.fault =
        (exchange, path, content) -> {
          if (!path.endsWith(digest.toString())) {
            return false;
          }
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, LAYER / 2);
          exchange.getResponseBody().flush();
          half.countDown();
          await();
          return true;
        };
    String name = "/v2/" + other.prefix() + "/app";
    assertThat(get(name + "/manifests/1").statusCode()).isEqualTo(200);
    Thread reader = Thread.startVirtualThread(() -> fails(name + "/blobs/" + digest));
    half.await();
    kill();
    reader.join();
    assertThat(isOnDisk(digest)).isFalse();
    other.fault = (exchange, path, content) -> false;
    start();
    assertThat(names("ingest")).isEmpty();
    HttpResponse<byte[]> answer = get(name + "/blobs/" + digest);
    assertThat(answer.body()).isEqualTo(layer);
  }

  private void await() throws IOException {
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void fails(String path) {
    try {
      get(path);
    } catch (Exception e) {
      return; // it was killed, as the test wants it
    }
  }
}
