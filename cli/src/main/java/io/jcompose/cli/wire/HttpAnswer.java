package io.jcompose.cli.wire;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * What the engine answered: the status and a body, by Content-Length, in chunks, or until the
 * connection ends. Closing it ends the connection.
 */
public final class HttpAnswer extends InputStream {
  private static final int LONGEST_LINE = 1 << 20;
  private static final int SMALL = 1 << 16;

  /** In parts, together, as a text, and as what is shown. */
  private static final int COPIES = 4;

  /** Of what is read whole. */
  private static final int LONGEST = 16 << 20;

  private final Connection connection;
  private final InputStream input;
  private final byte[] buffer = new byte[65536];
  private int start;
  private int end;
  private int status;
  private boolean chunked;
  private long remaining = Long.MAX_VALUE;

  private HttpAnswer(Connection connection) {
    this.connection = connection;
    this.input = connection.input();
  }

  public static HttpAnswer read(Connection connection) throws IOException {
    HttpAnswer answer = new HttpAnswer(connection);
    String line = answer.line();
    if (!line.startsWith("HTTP/1.1 ") || line.length() < 12) {
      throw new IOException("the engine's socket does not speak HTTP: " + line);
    }
    answer.status = Integer.parseInt(line, 9, 12, 10);
    for (line = answer.line(); !line.isEmpty(); line = answer.line()) {
      String header = line.toLowerCase(Locale.ROOT);
      if (header.startsWith("content-length:")) {
        answer.remaining = Long.parseLong(line.substring(15).strip());
      } else if (header.startsWith("jcompose-warning:")) {
        warn(URLDecoder.decode(line.substring(17).strip(), StandardCharsets.UTF_8));
      } else if (header.startsWith("transfer-encoding:")) {
        answer.chunked = true;
        answer.remaining = 0;
      }
    }
    return answer;
  }

  /** What the engine tells beside its answer; containers' output comes after it. */
  private static void warn(String text) {
    Consoles.current().complain("WARN[0000] " + Printable.text(text) + "\n");
  }

  public int status() {
    return status;
  }

  public Connection connection() {
    return connection;
  }

  /**
   * The rest of the body.
   *
   * @throws CommandFailure when it is longer than any engine's answer that is read whole
   */
  @Override
  public byte[] readAllBytes() throws IOException {
    if (remaining > SMALL && remaining <= LONGEST) {
      Consoles.current().keeps((int) (COPIES * remaining));
    }
    byte[] bytes = readNBytes(LONGEST + 1);
    if (bytes.length > LONGEST) {
      throw new CommandFailure("the engine's answer is longer than " + (LONGEST >> 20) + " MiB", 1);
    }
    return bytes;
  }

  /** The rest of the body as text, no longer than {@link #readAllBytes} takes. */
  public String text() throws IOException {
    return new String(readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (chunked && remaining == 0) {
      String size = line();
      remaining = size.isEmpty() ? Long.parseLong(line(), 16) : Long.parseLong(size, 16);
      chunked = remaining > 0;
    }
    if (remaining == 0 || !fill()) {
      return -1;
    }
    int count = (int) Math.min(Math.min(length, end - start), remaining);
    System.arraycopy(buffer, start, target, offset, count);
    start += count;
    if (remaining != Long.MAX_VALUE) {
      remaining -= count;
    }
    return count;
  }

  @Override
  public void close() {
    connection.close();
  }

  private boolean fill() throws IOException {
    if (start == end) {
      start = 0;
      end = Math.max(0, input.read(buffer, 0, buffer.length));
    }
    return end > start;
  }

  private String line() throws IOException {
    byte[] line = new byte[128];
    int length = 0;
    while (true) {
      if (!fill()) {
        throw new IOException(
            "it closed the connection in the middle of an answer; containers run on, try again");
      }
      byte next = buffer[start++];
      if (next == '\n') {
        return new String(line, 0, length, StandardCharsets.ISO_8859_1);
      }
      if (next != '\r') {
        if (length == LONGEST_LINE) {
          throw new IOException("the engine's answer has a line of more than 1 MiB");
        }
        if (length == line.length) {
          line = Arrays.copyOf(line, length * 2);
        }
        line[length++] = next;
      }
    }
  }
}
