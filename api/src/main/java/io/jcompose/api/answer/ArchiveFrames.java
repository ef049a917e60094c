package io.jcompose.api.answer;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** An archive as an answer: standard output frames, and a line of how it ended. Stateless. */
public final class ArchiveFrames {
  private static final int CHUNK = 1 << 16;

  private ArchiveFrames() {}

  /** Writes an archive. */
  public interface Writer {
    void writeTo(OutputStream tar) throws IOException;
  }

  /** Sends what the writer writes; an error of the engine's is told behind it. */
  public static void send(FrameOutput output, Writer writer) throws IOException {
    try (OutputStream tar = new BufferedOutputStream(new Stdout(output), CHUNK)) {
      writer.writeTo(tar);
      tar.flush();
      output.control(Map.of("exitCode", 0));
    } catch (RuntimeException e) {
      ApiError.log(e);
      output.control(ApiError.members(e));
    }
  }

  /** Standard output frames. */
  private static final class Stdout extends OutputStream {
    private final FrameOutput output;

    Stdout(FrameOutput output) {
      this.output = output;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      output.write(FrameOutput.STDOUT, bytes, offset, length);
    }
  }
}
