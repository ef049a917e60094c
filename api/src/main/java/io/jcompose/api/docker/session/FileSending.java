package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.docker.rpc.RpcStream;
import io.jcompose.core.build.ImageFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An image's files on their way into a client's folder, by the protocol of its {@code FileSend}
 * service: they are listed, and the client asks for the content of each. One thread sends, another
 * one takes what the client asks for; between them guarded by lock.
 */
final class FileSending {
  private static final int REQUEST = 1;
  private static final int DATA = 2;
  private static final int FINISH = 3;
  private static final int ERROR = 4;
  private static final int PIECE = 32 << 10;
  private static final long NANOS = 1_000_000_000L;

  private final RpcStream stream;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Set<Long> asked = new HashSet<>();
  private final AtomicLong listed = new AtomicLong();
  private boolean finished;
  private @Nullable IOException failure;

  private FileSending(RpcStream stream) {
    this.stream = stream;
  }

  /** Sends all of them, and waits until the client has them. */
  static void send(RpcStream stream, ImageFiles files) throws IOException {
    FileSending sending = new FileSending(stream);
    Thread.ofVirtual().name("export-requests").start(sending::takeRequests);
    long[] id = {0};
    files.each((file, content) -> sending.list(file));
    stream.send(new ProtoWriter());
    files.each(
        (file, content) -> {
          long own = id[0];
          if (file.type() != ImageFiles.Type.OTHER) {
            id[0]++;
          }
          if (file.type() == ImageFiles.Type.REGULAR && sending.isWanted(own)) {
            sending.content(own, content);
          }
        });
    sending.awaitEnd();
    stream.send(new ProtoWriter().number(1, FINISH));
    stream.endOfRequest();
  }

  private void list(ImageFiles.File file) throws IOException {
    if (file.type() == ImageFiles.Type.OTHER) {
      return;
    }
    ProtoWriter stat =
        new ProtoWriter()
            .text(1, file.entry().path())
            .number(2, Integer.toUnsignedLong(GoFileMode.of(file.type(), file.entry().mode())))
            .number(3, file.uid())
            .number(4, file.gid())
            .number(5, file.size())
            .number(6, file.entry().mtimeSeconds() * NANOS + file.entry().mtimeNanos())
            .text(7, file.link());
    listed.incrementAndGet();
    stream.send(new ProtoWriter().message(2, stat));
  }

  private void content(long id, InputStream content) throws IOException {
    for (byte[] part = content.readNBytes(PIECE);
        part.length > 0;
        part = content.readNBytes(PIECE)) {
      stream.send(new ProtoWriter().number(1, DATA).number(3, id).bytes(4, part));
    }
    stream.send(new ProtoWriter().number(1, DATA).number(3, id));
  }

  /** Waits until the client asks for a file; false when it needs no more. */
  private boolean isWanted(long id) throws IOException {
    lock.lock();
    try {
      while (!asked.remove(id)) {
        if (failure != null) {
          throw failure;
        }
        if (finished) {
          return false;
        }
        news.awaitUninterruptibly();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void awaitEnd() throws IOException {
    lock.lock();
    try {
      while (!finished) {
        if (failure != null) {
          throw failure;
        }
        news.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void takeRequests() {
    try {
      for (byte[] part = stream.receive(); part != null; part = stream.receive()) {
        ProtoMessage packet = ProtoMessage.parse(part);
        switch ((int) packet.number(1)) {
          case REQUEST -> note(packet.number(3));
          case FINISH -> {
            ended(null);
            return;
          }
          case ERROR -> throw new IOException(packet.text(4));
          default -> throw new IOException("unknown packet");
        }
      }
      ended(new IOException("the client took not all files"));
    } catch (IOException e) {
      ended(e);
    } catch (RpcFailure e) {
      ended(new IOException(e));
    }
  }

  private void note(long id) {
    lock.lock();
    try {
      if (id < 0 || id >= listed.get()) {
        throw new RpcFailure(RpcFailure.INVALID_ARGUMENT, "a file is asked for that there is not");
      }
      asked.add(id);
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void ended(@Nullable IOException why) {
    lock.lock();
    try {
      failure = why;
      finished = why == null;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
