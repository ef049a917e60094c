package io.jcompose.compose.source;

import io.jcompose.compose.SourceFiles;
import io.jcompose.compose.tree.Problems;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads the text of a file that a person named: UTF-8, or UTF-16 with a byte order mark. What is no
 * text file of a sensible size is refused at once; a named pipe would block for ever.
 */
public final class SourceText {
  /** A file that exists and cannot be read as text; the message says why. */
  public static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;
    private final int line;

    Refused(int line, String message) {
      super(message);
      this.line = line;
    }

    /** Where, from 1; 0 for the file as a whole. */
    public int line() {
      return line;
    }
  }

  private SourceText() {}

  /**
   * The file's text without a byte order mark.
   *
   * @param problems whose limits and way to read files hold
   * @throws java.nio.file.NoSuchFileException when there is none
   * @throws Refused when it is none that can be read
   */
  public static String read(Path file, Problems problems) throws IOException {
    long maxBytes = problems.limits.maxFileBytes();
    SourceFiles.Look look = problems.files.look(file);
    switch (look.kind()) {
      case MISSING -> throw new NoSuchFileException(file.toString());
      case UNKNOWN -> throw new Refused(0, look.reason());
      case DIRECTORY -> throw new Refused(0, "is a directory");
      case OTHER -> {
        if (file.toString().equals("/dev/null")) {
          return "";
        }
        throw new Refused(0, "is a named pipe, device or socket, no regular file");
      }
      case REGULAR -> problems.limits.reads(look.size());
    }
    try {
      byte[] bytes = problems.files.read(file, (int) maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new Refused(0, "is larger than " + (maxBytes >> 20) + " MiB");
      }
      return decode(bytes);
    } catch (AccessDeniedException e) {
      throw new Refused(0, "permission denied");
    }
  }

  private static String decode(byte[] bytes) throws Refused {
    if (starts(bytes, 0xff, 0xfe, 0, 0) || starts(bytes, 0, 0, 0xfe, 0xff)) {
      throw new Refused(1, "is UTF-32; save it as UTF-8");
    }
    if (starts(bytes, 0xef, 0xbb, 0xbf)) {
      return decode(bytes, 3, StandardCharsets.UTF_8);
    }
    if (starts(bytes, 0xfe, 0xff)) {
      return decode(bytes, 2, StandardCharsets.UTF_16BE);
    }
    if (starts(bytes, 0xff, 0xfe)) {
      return decode(bytes, 2, StandardCharsets.UTF_16LE);
    }
    return decode(bytes, 0, StandardCharsets.UTF_8);
  }

  private static boolean starts(byte[] bytes, int... mark) {
    for (int i = 0; i < mark.length; i++) {
      if (bytes.length <= i || (bytes[i] & 0xff) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  private static String decode(byte[] bytes, int from, Charset charset) throws Refused {
    int line = 1;
    for (int i = from; i < bytes.length && charset.equals(StandardCharsets.UTF_8); i++) {
      line += bytes[i] == '\n' ? 1 : 0;
      if (bytes[i] == 0) {
        throw new Refused(line, "has a NUL byte: it is no text, or UTF-16 without its mark");
      }
    }
    String text = new String(bytes, from, bytes.length - from, charset);
    // Only a text with the replacement character can have been malformed.
    if (text.indexOf('\uFFFD') >= 0) {
      requireWellFormed(bytes, from, charset);
    }
    return text;
  }

  private static void requireWellFormed(byte[] bytes, int from, Charset charset) throws Refused {
    ByteBuffer input = ByteBuffer.wrap(bytes, from, bytes.length - from);
    CharBuffer output = CharBuffer.allocate(8192);
    CharsetDecoder decoder = charset.newDecoder();
    int line = 1;
    while (true) {
      CoderResult result = decoder.decode(input, output, true);
      output.flip();
      line += (int) output.chars().filter(c -> c == '\n').count();
      output.clear();
      if (result.isUnderflow()) {
        return;
      }
      if (result.isError()) {
        throw new Refused(
            line,
            String.format(
                "is not %s: byte 0x%02X at offset %d; save it as UTF-8",
                charset.name(), bytes[input.position()], input.position()));
      }
    }
  }
}
