package io.jcompose.network.dns;

import static io.jcompose.network.TestNamespaces.inside;

import io.jcompose.network.NetworkLab;
import io.jcompose.network.Sandbox;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks the name server that a sandbox has, as a program in it would. */
public final class DnsClient {
  private DnsClient() {}

  /** The first IPv4 address of a name inside the sandbox; null when there is none. */
  public static @Nullable InetAddress resolve(Sandbox sandbox, String name) throws Exception {
    List<InetAddress> found = ask(sandbox, name, DnsQuery.TYPE_A);
    return found.isEmpty() ? null : found.getFirst();
  }

  /** Asks 127.0.0.11 inside the sandbox, by UDP. */
  public static List<InetAddress> ask(Sandbox sandbox, String name, int type) throws Exception {
    byte[] query = query(name, type);
    return inside(
        sandbox,
        () -> {
          ByteBuffer answer = NetworkLab.exchange(InetAddress.ofLiteral("127.0.0.11"), 53, query);
          return addresses(answer, query);
        });
  }

  /** The same by TCP. */
  public static List<InetAddress> askTcp(Sandbox sandbox, String name, int type) throws Exception {
    byte[] query = query(name, type);
    return inside(
        sandbox,
        () -> {
          try (Socket socket = new Socket("127.0.0.11", 53)) {
            socket.setSoTimeout(10_000);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(query.length);
            out.write(query);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            return addresses(ByteBuffer.wrap(answer), query);
          }
        });
  }

  public static byte[] query(String name, int type) {
    ByteBuffer query = ByteBuffer.allocate(512);
    query.putShort((short) 7).putShort((short) 0x100).putShort((short) 1).putShort((short) 0);
    query.putInt(0);
    for (String label : name.split("\\.")) {
      query.put((byte) label.length()).put(label.getBytes(StandardCharsets.UTF_8));
    }
    query.put((byte) 0).putShort((short) type).putShort((short) 1);
    return Arrays.copyOf(query.array(), query.position());
  }

  /** The addresses in an answer; each record's name is two bytes long. */
  private static List<InetAddress> addresses(ByteBuffer in, byte[] query) throws IOException {
    List<InetAddress> found = new ArrayList<>();
    in.position(query.length);
    for (int i = in.getShort(6); i > 0; i--) {
      in.position(in.position() + 10);
      byte[] data = new byte[in.getShort()];
      in.get(data);
      found.add(InetAddress.getByAddress(data));
    }
    return found;
  }
}
