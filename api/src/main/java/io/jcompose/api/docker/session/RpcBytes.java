package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Plain bytes both ways in a call's messages, {@code BytesMessage}. As thread-safe as the call. */
final class RpcBytes {
  private final RpcStream call;

  RpcBytes(RpcStream call) {
    this.call = call;
  }

  InputStream input() {
    return new Input();
  }

  OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] source, int offset, int length) throws IOException {
        byte[] bytes = Arrays.copyOfRange(source, offset, offset + length);
        call.send(new ProtoWriter().bytes(1, bytes));
      }
    };
  }

  /** What the other side sends. */
  private final class Input extends InputStream {
    private byte @Nullable [] part = {};
    private int at;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      while (part != null && at == part.length) {
        byte[] message = call.receive();
        part = message == null ? null : ProtoMessage.parse(message).bytes(1);
        at = 0;
      }
      if (part == null) {
        return -1;
      }
      int count = Math.min(length, part.length - at);
      System.arraycopy(part, at, target, offset, count);
      at += count;
      return count;
    }
  }
}
