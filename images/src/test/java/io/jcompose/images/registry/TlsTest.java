package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose certificate is its own authority. */
class TlsTest {
  private static final char[] PASSWORD = "password".toCharArray();
  @TempDir Path temp;
  private final Map<String, String> environment = new HashMap<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private SSLServerSocket server;
  private String certificate;

  @BeforeEach
  void serve() throws Exception {
    Path keys = temp.resolve("keys");
    keytool(
        "-genkeypair -alias s -keyalg EC -dname CN=localhost -ext san=dns:localhost"
            + " -validity 10 -storetype PKCS12 -storepass password -keystore "
            + keys);
    Path exported = temp.resolve("exported");
    keytool(
        "-exportcert -rfc -alias s -storepass password -keystore " + keys + " -file " + exported);
    certificate = Files.readString(exported);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    server =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::acceptAll);
    environment.put("SSL_CERT_FILE", temp.resolve("bundle").toString());
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try (SSLSocket socket = (SSLSocket) server.accept()) {
        accepted.incrementAndGet();
        socket.startHandshake();
      } catch (IOException e) {
        Thread.onSpinWait(); // a client that goes, or the end
      }
    }
  }

  @AfterEach
  void end() throws IOException {
    server.close();
  }

  private static void keytool(String arguments) throws Exception {
    Path tool = Path.of(System.getProperty("java.home"), "bin/keytool");
    Process process = new ProcessBuilder((tool + " " + arguments).split(" ")).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  private RegistryConfig config() {
    return new RegistryConfig(
        Map.of(),
        List.of(),
        List.of(temp.resolve("certs.d")),
        temp.resolve("none"),
        environment::get);
  }

  private void handshake(Tls tls) throws IOException {
    try (Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
      tls.wrap(socket, "localhost", server.getLocalPort(), true).close();
    }
  }

  @Test
  void aLoginIsNotShownToWhoeverNobodyVouchesFor() {
    String place = "localhost:" + server.getLocalPort();
    Endpoint endpoint = new Endpoint(URI.create("https://" + place), place, true, "", 1);
    try (HttpTransport transport = new HttpTransport(config())) {
      assertThatThrownBy(
              () -> new LoginCheck(transport, endpoint).with(new RegistryLogins.Login("joe", "s")))
          .isInstanceOf(JcomposeException.Unavailable.class)
          .hasMessageStartingWith("failed to log in to " + place)
          .hasMessageContaining("is signed by an unknown authority");
    }
  }

  @Test
  void saysWhereToPutAnUnknownAuthorityAndTakesItFromThere() throws Exception {
    Tls tls = new Tls(config());
    Path place = temp.resolve("certs.d/localhost:" + server.getLocalPort() + "/ca.crt");
    assertThatThrownBy(() -> handshake(tls))
        .isInstanceOf(Tls.Untrusted.class)
        .hasMessageContaining("signed by an unknown authority")
        .hasMessageContaining(place.toString());
    Files.createDirectories(place.getParent());
    Files.writeString(place, certificate);
    handshake(tls);
    Files.delete(place);
    assertThatThrownBy(() -> handshake(tls)).isInstanceOf(Tls.Untrusted.class);
  }

  @Test
  void trustsTheSystemsAuthoritiesAsTheyAreNow() throws Exception {
    Tls tls = new Tls(config());
    assertThatThrownBy(() -> handshake(tls)).isInstanceOf(Tls.Untrusted.class);
    String wrong = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    Files.writeString(temp.resolve("bundle"), "# a comment\n" + wrong + certificate);
    handshake(tls);
  }

  @Test
  void trustsWhatIsInTheFolderOfTheEnvironment() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("folder"));
    Files.writeString(folder.resolve("own.pem"), certificate);
    environment.put("SSL_CERT_DIR", "/nowhere:" + folder);
    handshake(new Tls(config()));
  }

  @Test
  void triesNoSecondTimeWhomItDoesNotTrust() {
    try (HttpTransport transport = new HttpTransport(config())) {
      Credentials none = new Credentials(temp.resolve("none"));
      EndpointCaller caller = new EndpointCaller(transport, new Authorizer(transport, none));
      URI base = URI.create("https://localhost:" + server.getLocalPort());
      Endpoint endpoint = new Endpoint(base, "x", true, "", 4);
      EndpointCaller.Call call = new EndpointCaller.Call("x", "GET", "x", Map.of());
      assertThatThrownBy(() -> caller.call(endpoint, call, 4))
          .isInstanceOf(RegistryFailure.class)
          .satisfies(
              e ->
                  assertThat(((RegistryFailure) e).kind())
                      .isEqualTo(RegistryFailure.Kind.UNTRUSTED));
    }
    assertThat(accepted).hasValue(1);
    assertThat(certificate.getBytes(StandardCharsets.US_ASCII)).isNotEmpty();
  }
}
