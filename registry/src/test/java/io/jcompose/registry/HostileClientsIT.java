package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that mean no good, and those that go away. */
class HostileClientsIT extends RegistryUnderTest {
  private final byte[] content = noise(1, 100_000);

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), front.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      byte[] answer = socket.getInputStream().readNBytes(12);
      return new String(answer, StandardCharsets.ISO_8859_1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../etc",
        "..%2F..%2Fetc",
        "%2e%2e/x",
        "a/../b",
        "a//b",
        "/a",
        ".git",
        "_state",
        "a%00b",
        "a%0d%0ab",
        "Upper",
        "a__-b",
        "a%c3%a4",
        "a\\b"
      })
  void whatIsNoNameReachesNothing(String name) throws Exception {
    pushImage("a", "1", content);
    for (String rest :
        new String[] {
          "/manifests/1", "/tags/list", "/blobs/" + digest(content), "/referrers/" + digest(content)
        }) {
      String status = raw("GET /v2/" + name + rest + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(status).as(name + rest).matches("HTTP/1.1 40[04]");
    }
    String status = raw("POST /v2/" + name + "/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(status).matches("HTTP/1.1 40[04]");
    assertThat(names("repositories")).hasSize(1);
    assertThat(names("ingest")).isEmpty();
  }

  @Test
  void aNameOf255IsTakenAndALongerOneNot() throws Exception {
    assertThat(pushBlob("a".repeat(255), content)).isEqualTo(digest(content));
    assertRefused(
        send("POST", "/v2/" + "a".repeat(256) + "/blobs/uploads/", null), 400, "NAME_INVALID");
    assertRefused(get("/v2/a/manifests/" + "t".repeat(129)), 400, "TAG_INVALID");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../../../etc/passwd", "sha256:..", "sha256:%2e%2e%2f", "md5:x", "sha256:"})
  void whatIsNoDigestReachesNothing(String digest) throws Exception {
    pushImage("a", "1", content);
    for (String kind : new String[] {"blobs", "referrers"}) {
      String status = raw("GET /v2/a/" + kind + "/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(status).matches("HTTP/1.1 40[04]");
    }
  }

  @Test
  void headsAreBounded() throws Exception {
    assertThat(raw("GET /v2/" + "a/".repeat(5000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
        .matches("HTTP/1.[01] 4\\d\\d");
    assertThat(raw("GET /v2/ HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(100_000) + "\r\n\r\n"))
        .matches("(HTTP/1.[01] 4\\d\\d)?");
    assertThat(get("/v2/").statusCode()).isEqualTo(200);
  }

  @Test
  void anUploadThatBreaksOffGoesOnWhereItWas() throws Exception {
    String location = begin("app");
    try (Socket socket = connect()) {
      String head =
          "PATCH "
              + location
              + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
              + content.length
              + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(content, 0, 60_000);
      socket.getOutputStream().flush();
      while (!header(get(location), "Range").equals("0-59999")) {
        Thread.onSpinWait();
      }
    }
    HttpResponse<byte[]> rest =
        send(
            "PATCH",
            location,
            Arrays.copyOfRange(content, 60_000, content.length),
            "Content-Range",
            "60000-99999");
    assertThat(rest.statusCode()).isEqualTo(202);
    Digest digest = digest(content);
    assertThat(send("PUT", location + "?digest=" + digest, null).statusCode()).isEqualTo(201);
    assertThat(get("/v2/app/blobs/" + digest).body()).isEqualTo(content);
  }

  @Test
  void aBodyThatIsNotWantedIsRefusedBeforeItsEnd() throws Exception {
    try (Socket socket = connect()) {
      String head =
          "PUT /v2/A/manifests/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(new byte[1000]);
      byte[] answer = socket.getInputStream().readNBytes(12);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 400");
    }
    assertThat(get("/v2/").statusCode()).isEqualTo(200);
  }

  @Test
  void clientsThatDoNotReadKeepNobodyFromReading() throws Exception {
    byte[] large = noise(2, 30_000_000);
    pushImage("app", "1", large);
    List<SlowReader> stalled = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        stalled.add(SlowReader.get(front.port(), "/v2/app/blobs/" + digest(large)));
      }
      try (SlowReader reader = SlowReader.get(front.port(), "/v2/app/blobs/" + digest(large))) {
        assertThat(reader.digestOfRest()).isEqualTo(digest(large));
      }
      assertThat(stalled.getFirst().digestOfRest()).isEqualTo(digest(large));
    } finally {
      for (SlowReader one : stalled) {
        one.close();
      }
    }
  }

  @Test
  void clientsThatDoNotSendKeepNobodyFromPushing() throws Exception {
    List<Socket> stalled = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        Socket socket = connect();
        stalled.add(socket);
        String head =
            "PATCH " + begin("slow") + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
      }
      byte[] manifest = pushImage("app", "1", content);
      assertThat(get("/v2/app/manifests/1").body()).isEqualTo(manifest);
    } finally {
      for (Socket one : stalled) {
        one.close();
      }
    }
  }

  @Test
  void aBrowserMayNotWrite() throws Exception {
    pushImage("app", "1", content);
    assertRefused(
        send("DELETE", "/v2/app/manifests/1", null, "Origin", "http://evil.example"),
        403,
        "DENIED");
    assertRefused(
        send("POST", "/v2/app/blobs/uploads/", null, "Sec-Fetch-Site", "same-origin"),
        403,
        "DENIED");
    assertThat(get("/v2/app/manifests/1", "Sec-Fetch-Site", "none").statusCode()).isEqualTo(200);
  }

  @Test
  void otherMethodsAreRefused() throws Exception {
    pushImage("app", "1", content);
    for (String path :
        new String[] {
          "/v2/", "/v2/_catalog", "/v2/app/tags/list", "/v2/app/blobs/" + digest(content)
        }) {
      assertRefused(send("PUT", path, new byte[0]), 405, "UNSUPPORTED");
    }
    assertThat(get("/v2/app/nonsense").statusCode()).isEqualTo(404);
    assertThat(get("/etc/passwd").statusCode()).isEqualTo(404);
  }

  @Test
  void uploadsInOneRequestThatBreakOffKeepNoPlace() throws Exception {
    for (int i = 0; i < 5; i++) {
      try (Socket socket = connect()) {
        String head =
            "POST /v2/app/blobs/uploads/?digest="
                + digest(content)
                + " HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(content, 0, 1000);
        socket.getOutputStream().flush();
        while (repositories.uploads() == 0) {
          Thread.onSpinWait();
        }
      }
      while (repositories.uploads() > 0) {
        Thread.onSpinWait();
      }
    }
    assertThat(names("ingest")).isEmpty();
  }

  @Test
  void imagesOfOtherRegistriesAreNotThere() throws Exception {
    pushImage("app", "1", content);
    assertRefused(get("/v2/app/manifests/1?ns=docker.io"), 404, "NAME_UNKNOWN");
    assertThat(get("/v2/app/manifests/1?ns=" + host()).statusCode()).isEqualTo(200);
  }

  @Test
  void uploadsUnderWayAreCountedAndBounded() throws Exception {
    HttpResponse<byte[]> last = null;
    for (int i = 0; i < 600; i++) {
      last = send("POST", "/v2/app/blobs/uploads/", null);
      if (last.statusCode() != 202) {
        break;
      }
    }
    assertThat(last).isNotNull();
    assertRefused(last, 503, "UNAVAILABLE");
    assertThat(header(last, "Retry-After")).isNotEmpty();
    assertThat(repositories.uploads()).isEqualTo(256);
  }
}
