package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTransportTest {
  private static InetAddress address(int last) throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
  }

  @Test
  void triesAllAddressesOfAHost() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, address(3))) {
      InetAddress[] all = {address(1), address(2), address(3)};
      try (Socket socket = HttpTransport.open(all, server.getLocalPort())) {
        assertThat(socket.getInetAddress()).isEqualTo(address(3));
      }
      assertThatThrownBy(
              () -> HttpTransport.open(new InetAddress[] {address(1)}, server.getLocalPort()))
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void endsAnExchangeWithAPeerThatDripsForEver() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, address(1));
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
      Thread.startVirtualThread(() -> drip(server));
      Socket socket = new Socket(address(1), server.getLocalPort());
      Connection connection = new Connection("x", clock, socket);
      connection.speakThrough(socket);
      connection.limit(100);
      assertThatThrownBy(() -> connection.in().readAllBytes())
          .isInstanceOf(SocketTimeoutException.class);
    }
  }

  private static void drip(ServerSocket server) {
    try (Socket socket = server.accept()) {
      while (true) {
        socket.getOutputStream().write('x');
        socket.getOutputStream().flush();
        Thread.onSpinWait();
      }
    } catch (IOException e) {
      Thread.currentThread().interrupt(); // the peer has gone
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-5\r\nx", "+5\r\nx", "\r\n", "g\r\n", "0123456789abcdef0\r\n"})
  void refusesChunkSizesThatAreNone(String text) {
    HttpBody body =
        new HttpBody(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), HttpBody.CHUNKED);
    assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
  }

  @Test
  void endsTrailersThatNeverEnd() {
    String text = "0\r\n" + "a: b\r\n".repeat(1000) + "\r\n";
    HttpBody body =
        new HttpBody(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), HttpBody.CHUNKED);
    assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
  }
}
