package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Addresses that are not loopback: TLS, by a certificate that is made or brought. */
class TlsIT extends RegistryUnderTest {
  private Registry registry;

  private int serve(RegistrySettings settings) {
    registry = new Registry(temp.resolve("registry"), repositories);
    registry.addUser("ann", "secret");
    String address = registry.serve(settings).address();
    assertThat(address).startsWith("https://0.0.0.0:");
    return Integer.parseInt(address.replaceFirst(".*:", ""));
  }

  private static RegistrySettings everywhere(String certificate, String key) {
    return new RegistrySettings(
        "0.0.0.0", 0, List.of("build.lan"), certificate, key, false, 7, List.of());
  }

  @AfterEach
  @Override
  void close() throws IOException {
    if (registry != null) {
      registry.close();
    }
    super.close();
  }

  private static HttpClient trusting(byte[] authority) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry(
        "ca",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(authority)));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private static int ping(HttpClient client, int port) throws Exception {
    String login =
        Base64.getEncoder().encodeToString("ann:secret".getBytes(StandardCharsets.UTF_8));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/v2/"))
            .header("Authorization", "Basic " + login)
            .build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  @Test
  void whoTrustsTheAuthorityIsServed() throws Exception {
    int port = serve(everywhere("", ""));
    try (HttpClient client = trusting(registry.authority().orElseThrow())) {
      assertThat(ping(client, port)).isEqualTo(200);
    }
    try (HttpClient stranger = HttpClient.newHttpClient()) {
      assertThatThrownBy(() -> ping(stranger, port)).isInstanceOf(SSLException.class);
    }
  }

  @Test
  void aCertificateOfOnesOwnIsShown() throws Exception {
    int first = serve(everywhere("", ""));
    Path server = temp.resolve("registry/tls/server.pem"); // has both
    byte[] authority = registry.authority().orElseThrow();
    Path own = Files.copy(server, temp.resolve("own.pem"));
    registry.stop();
    Files.delete(server);
    int second =
        Integer.parseInt(
            registry
                .serve(everywhere(own.toString(), own.toString()))
                .address()
                .replaceFirst(".*:", ""));
    assertThat(second).isNotEqualTo(first);
    try (HttpClient client = trusting(authority)) {
      assertThat(ping(client, second)).isEqualTo(200);
    }
    assertThat(server).doesNotExist();
  }

  @Test
  void whatIsNoCertificateIsRefused() {
    registry = new Registry(temp.resolve("registry"), repositories);
    registry.addUser("ann", "secret");
    assertThatThrownBy(() -> registry.serve(everywhere("/none", "/none")))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("/none");
    assertThatThrownBy(() -> everywhere("/none", ""))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  @Test
  void theEnginesOwnClientPullsByALogin() throws Exception {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    pushBlob("app", config);
    int port = serve(everywhere("", ""));
    String name = "127.0.0.1:" + port + "/app:none";
    RegistryLogins.OfCaller logins =
        new RegistryLogins.OfCaller(
            Map.of("127.0.0.1:" + port, new RegistryLogins.Login("ann", "secret")));
    Progress progress =
        new Progress() {
          @Override
          public void report(Step step) {}

          @Override
          public RegistryLogins logins() {
            return logins;
          }
        };
    assertThatThrownBy(() -> store.pull(name, "", progress))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("none");
    assertThat(
            store.checkLogin("127.0.0.1:" + port, new RegistryLogins.Login("ann", "secret")).user())
        .isEqualTo("ann");
    assertThatThrownBy(
            () -> store.checkLogin("127.0.0.1:" + port, new RegistryLogins.Login("ann", "wrong")))
        .isInstanceOf(JcomposeException.PermissionDenied.class);
  }
}
