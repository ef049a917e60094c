package io.jcompose.engine.log;

import io.jcompose.core.Containers.LogRecord;
import io.jcompose.core.Ids;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.UnixDatagram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The systemd journal, by its native protocol (systemd, docs/JOURNAL_NATIVE_PROTOCOL.md), with the
 * fields of Docker's driver.
 */
final class Journald implements LogReceiver {
  static final String SOCKET = "/run/systemd/journal/socket";
  private static final int INFO = 6;
  private static final int ERROR = 3;

  private final UnixDatagram socket;
  private final Map<String, String> fields;

  private Journald(UnixDatagram socket, Map<String, String> fields) {
    this.socket = socket;
    this.fields = fields;
  }

  static Journald open(String path, Map<String, String> fields) throws IOException {
    try {
      return new Journald(UnixDatagram.connect(path), fields);
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The fields that are the same for all records of a container. */
  static Map<String, String> fields(ContainerRecord record, List<String> env) {
    Map<String, String> fields = new LinkedHashMap<>();
    String tag = LogAttributes.tag(record);
    fields.put("CONTAINER_ID", Ids.brief(record.id()));
    fields.put("CONTAINER_ID_FULL", record.id());
    fields.put("CONTAINER_NAME", record.spec().name());
    fields.put("CONTAINER_TAG", tag);
    fields.put("IMAGE_NAME", record.spec().image());
    fields.put("SYSLOG_IDENTIFIER", tag);
    LogAttributes.chosen(record, env)
        .forEach(
            (name, value) ->
                fields.put(
                    name.toUpperCase(Locale.ROOT)
                        .replaceAll("[^A-Z0-9_]", "_")
                        .replaceFirst("^_+", ""),
                    value));
    return fields;
  }

  @Override
  public void accept(LogRecord record) throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream(record.text().length() + 512);
    for (Map.Entry<String, String> field : fields.entrySet()) {
      put(message, field.getKey(), field.getValue());
    }
    put(message, "SYSLOG_TIMESTAMP", record.time().toString());
    put(message, "PRIORITY", String.valueOf(record.stream().equals("stderr") ? ERROR : INFO));
    boolean whole = record.text().endsWith("\n");
    put(message, "MESSAGE", whole ? record.text().stripTrailing() : record.text());
    if (!whole) {
      put(message, "CONTAINER_PARTIAL_MESSAGE", "true");
    }
    try {
      socket.send(message.toByteArray());
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A value with a newline goes with its length. */
  private static void put(ByteArrayOutputStream message, String name, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    message.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    if (value.indexOf('\n') < 0) {
      message.write('=');
    } else {
      message.write('\n');
      message.writeBytes(
          ByteBuffer.allocate(Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(bytes.length)
              .array());
    }
    message.writeBytes(bytes);
    message.write('\n');
  }

  @Override
  public void close() {
    socket.close();
  }
}
