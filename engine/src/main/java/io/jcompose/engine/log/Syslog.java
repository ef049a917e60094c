package io.jcompose.engine.log;

import io.jcompose.core.Containers.LogRecord;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.UnixDatagram;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A syslog server over UDP, TCP or a Unix socket, in the formats of Docker's driver (RFC 3164, RFC
 * 5424, and the local one). Severity is info for standard output, error for standard error.
 */
final class Syslog implements LogReceiver {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int PORT = 514;
  private static final int INFO = 6;
  private static final int ERROR = 3;
  private static final List<String> FACILITIES =
      List.of(
          "kern",
          "user",
          "mail",
          "daemon",
          "auth",
          "syslog",
          "lpr",
          "news",
          "uucp",
          "cron",
          "authpriv",
          "ftp",
          "12",
          "13",
          "14",
          "15",
          "local0",
          "local1",
          "local2",
          "local3",
          "local4",
          "local5",
          "local6",
          "local7");
  private static final Set<String> FORMATS = Set.of("", "rfc3164", "rfc5424", "rfc5424micro");
  private static final DateTimeFormatter STAMP = time("MMM ppd HH:mm:ss");
  private static final DateTimeFormatter SECONDS = time("yyyy-MM-dd'T'HH:mm:ssXXX");
  private static final DateTimeFormatter MICROS = time("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

  private final Settings settings;
  private final Sender sender;

  private interface Sender extends AutoCloseable {
    void send(byte[] message) throws IOException;

    @Override
    void close() throws IOException;
  }

  /**
   * Where to and how.
   *
   * @param local on this host, whose name then need not be said
   */
  record Settings(
      URI address, int facility, String format, String tag, String host, boolean local) {}

  private Syslog(Settings settings, Sender sender) {
    this.settings = settings;
    this.sender = sender;
  }

  /** Throws InvalidArgument or NotSupported. */
  static void check(Map<String, String> options) {
    Settings _ = settings(options, "", "");
  }

  static Settings settings(Map<String, String> options, String tag, String host) {
    String format = options.getOrDefault("syslog-format", "");
    if (!FORMATS.contains(format)) {
      throw new JcomposeException.InvalidArgument("Invalid syslog format: " + format);
    }
    URI address = address(options.getOrDefault("syslog-address", ""));
    boolean local = address.getScheme().startsWith("unix");
    return new Settings(
        address,
        facility(options.getOrDefault("syslog-facility", "daemon")),
        format,
        tag,
        host,
        local);
  }

  private static URI address(String text) {
    try {
      URI address = URI.create(text.isEmpty() ? "unixgram:///dev/log" : text);
      String scheme = String.valueOf(address.getScheme());
      if (scheme.equals("tcp+tls")) {
        throw new JcomposeException.NotSupported(
            "syslog over TLS is not carried out: use tcp:// to a relay on this host");
      }
      boolean network = Set.of("udp", "tcp").contains(scheme) && address.getHost() != null;
      boolean local = Set.of("unix", "unixgram").contains(scheme) && !address.getPath().isEmpty();
      if (network || local) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      throw invalid(text);
    }
    throw invalid(text);
  }

  private static JcomposeException invalid(String address) {
    return new JcomposeException.InvalidArgument(
        "invalid syslog-address \""
            + address
            + "\": give udp://host:port, tcp://host:port, unix:///path or unixgram:///path");
  }

  private static int facility(String text) {
    int number = FACILITIES.indexOf(text);
    if (number >= 0) {
      return number;
    }
    if (text.matches("\\d{1,2}") && Integer.parseInt(text) < FACILITIES.size()) {
      return Integer.parseInt(text);
    }
    throw new JcomposeException.InvalidArgument("invalid syslog facility: " + text);
  }

  static Syslog open(Settings settings) throws IOException {
    URI address = settings.address;
    Sender sender =
        switch (address.getScheme()) {
          case "udp" -> udp(address);
          case "tcp" -> tcp(address);
          case "unix" -> stream(Path.of(address.getPath()));
          default -> datagram(address.getPath());
        };
    return new Syslog(settings, sender);
  }

  @Override
  public void accept(LogRecord record) throws IOException {
    sender.send(message(settings, record).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    sender.close();
  }

  /** One message with its newline. */
  static String message(Settings s, LogRecord record) {
    int priority = s.facility * 8 + (record.stream().equals("stderr") ? ERROR : INFO);
    ZonedDateTime at = record.time().atZone(ZoneId.systemDefault());
    long pid = ProcessHandle.current().pid();
    String text = record.text().stripTrailing();
    String process = s.tag + "[" + pid + "]: " + text;
    return switch (s.format) {
      case "rfc5424", "rfc5424micro" -> {
        DateTimeFormatter time = s.format.endsWith("micro") ? MICROS : SECONDS;
        String head = "<" + priority + ">1 " + time.format(at) + " " + s.host + " " + s.tag;
        yield head + " " + pid + " " + s.tag + " - " + text + "\n";
      }
      case "rfc3164" ->
          "<" + priority + ">" + STAMP.format(at) + " " + s.host + " " + process + "\n";
      default -> {
        String host = s.local ? "" : s.host + " ";
        yield "<" + priority + ">" + STAMP.format(at) + " " + host + process + "\n";
      }
    };
  }

  private static Sender udp(URI address) throws IOException {
    DatagramSocket socket = new DatagramSocket();
    socket.connect(new InetSocketAddress(address.getHost(), port(address)));
    return new Sender() {
      @Override
      public void send(byte[] message) throws IOException {
        socket.send(new DatagramPacket(message, message.length));
      }

      @Override
      public void close() {
        socket.close();
      }
    };
  }

  private static Sender tcp(URI address) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(address.getHost(), port(address)), CONNECT_MILLIS);
      return writing(socket.getOutputStream(), socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static Sender stream(Path path) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(path));
      return writing(Channels.newOutputStream(channel), channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static Sender writing(OutputStream out, Closeable connection) {
    return new Sender() {
      @Override
      public void send(byte[] message) throws IOException {
        out.write(message);
      }

      @Override
      public void close() throws IOException {
        connection.close();
      }
    };
  }

  private static Sender datagram(String path) throws IOException {
    try {
      UnixDatagram socket = UnixDatagram.connect(path);
      return new Sender() {
        @Override
        public void send(byte[] message) throws IOException {
          try {
            socket.send(message);
          } catch (KernelException e) {
            throw new IOException(e.getMessage(), e);
          }
        }

        @Override
        public void close() {
          socket.close();
        }
      };
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static int port(URI address) {
    return address.getPort() < 0 ? PORT : address.getPort();
  }

  /** The host's name, which a message carries to another host. */
  static String hostName() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
  }

  private static DateTimeFormatter time(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ROOT);
  }
}
