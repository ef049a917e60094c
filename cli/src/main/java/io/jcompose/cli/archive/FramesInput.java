package io.jcompose.cli.archive;

import io.jcompose.cli.view.ControlLines;
import io.jcompose.cli.wire.FlatJson;
import io.jcompose.cli.wire.Frames;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The engine's standard output frames as one stream, which ends with the result; its first control
 * line is given apart. Confined to one thread.
 */
public final class FramesInput extends InputStream {
  private static final int LONGEST_LINE = 16 << 20;

  private final InputStream answer;
  private final ControlLines lines;
  private int left;
  private int kind;

  public FramesInput(InputStream answer, ControlLines lines) {
    this.answer = answer;
    this.lines = lines;
  }

  /** The members of the line before the archive; empty when the result came instead. */
  public Map<String, String> first() throws IOException {
    int length = head();
    if (length < 0) {
      return new HashMap<>();
    }
    String line = text(length);
    Map<String, String> members = FlatJson.parse(line);
    if (!members.containsKey("archive")) {
      lines.accept(line);
      members.clear();
    }
    return members;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    while (left == 0) {
      if (lines.isEnded()) {
        return -1;
      }
      int size = head();
      if (size < 0) {
        throw new EOFException("the engine ended in the middle of an archive");
      }
      if (kind == Frames.CONTROL) {
        lines.accept(text(size));
      } else {
        left = size;
      }
    }
    int count = answer.read(target, offset, Math.min(length, left));
    if (count < 0) {
      throw new EOFException("the engine ended in the middle of an archive");
    }
    left -= count;
    return count;
  }

  /** Reads a frame's head; its length, or -1 at the end. */
  private int head() throws IOException {
    byte[] head = answer.readNBytes(8);
    if (head.length < 8) {
      return -1;
    }
    kind = head[0];
    return (head[4] & 0xff) << 24
        | (head[5] & 0xff) << 16
        | (head[6] & 0xff) << 8
        | (head[7] & 0xff);
  }

  private String text(int length) throws IOException {
    if (length > LONGEST_LINE) {
      throw new EOFException("the engine's stream is broken");
    }
    return new String(answer.readNBytes(length), StandardCharsets.UTF_8);
  }
}
