package io.jcompose.registry;

import io.jcompose.core.Digest;
import io.jcompose.linux.library.NativeSha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;

/** A client that takes an answer as slowly as its test wants. */
final class SlowReader implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final MessageDigest hash = NativeSha256.create();
  final String head;

  private SlowReader(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    StringBuilder read = new StringBuilder();
    while (read.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      read.append((char) next);
    }
    this.head = read.toString();
  }

  static SlowReader get(int port, String path) throws IOException {
    return send(port, "GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  }

  static SlowReader send(int port, String request) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.setSoTimeout(60_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return new SlowReader(socket);
  }

  void read(int bytes) throws IOException {
    hash.update(in.readNBytes(bytes));
  }

  /** The digest of the whole body, of which only what {@link #read} took has come. */
  Digest digestOfRest() throws IOException {
    in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), hash));
    return Digest.sha256(hash.digest());
  }

  /** How many bytes come until the connection ends. */
  long bytesOfRest() throws IOException {
    return in.transferTo(OutputStream.nullOutputStream());
  }

  String textOfRest() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
