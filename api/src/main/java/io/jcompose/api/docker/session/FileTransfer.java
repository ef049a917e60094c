package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.docker.rpc.RpcStream;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.SentFolder;
import io.jcompose.linux.KernelException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's folder on its way here, by the protocol of its {@code FileSync} service: the client
 * lists what there is, and is asked for the content of the files, some at a time. Confined to one
 * thread.
 */
final class FileTransfer {
  private static final Logger LOG = LoggerFactory.getLogger(FileTransfer.class);
  private static final int STAT = 0;
  private static final int REQUEST = 1;
  private static final int DATA = 2;
  private static final int FINISH = 3;
  private static final int ERROR = 4;

  private static final int AT_ONCE = 64;

  /** Names of files that were listed and not asked for, with what is kept beside them. */
  private static final long MOST_WAITING_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private static final int BESIDE_A_NAME = 120;
  private static final int LONGEST = 4096; // as the kernel's (man 7 path_resolution)
  private static final int MOST_XATTRS = 64 << 10;
  private static final long NANOS = 1_000_000_000L;

  private final RpcStream stream;
  private final SentFolder folder;
  private final LongConsumer received;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Map<Long, OutputStream> open = new HashMap<>();
  private long listed;
  private long waitingBytes;
  private long bytes;
  private boolean isListed;
  private boolean isAsked;

  /** A file that was not asked for yet. */
  private record Waiting(long id, SentFolder.Entry entry) {}

  /**
   * Of which folder, and what of it.
   *
   * @param paths only these, with what links among them lead to; empty for all
   * @param excludes patterns of a .dockerignore
   */
  record Wanted(String folder, List<String> paths, List<String> excludes) {
    Map<String, List<String>> metadata() {
      Map<String, List<String>> metadata = new LinkedHashMap<>();
      put(metadata, "dir-name", List.of(folder));
      put(metadata, "followpaths", paths);
      put(metadata, "exclude-patterns", excludes);
      return metadata;
    }

    /** Headers are of ASCII; what is not is encoded, and said to be. */
    private static void put(Map<String, List<String>> metadata, String name, List<String> values) {
      boolean plain = values.stream().allMatch(v -> v.chars().allMatch(c -> c >= ' ' && c < 127));
      if (!plain) {
        metadata.put(name + "-encoded", List.of("1"));
      }
      metadata.put(
          name,
          plain
              ? values
              : values.stream().map(v -> URLEncoder.encode(v, StandardCharsets.UTF_8)).toList());
    }
  }

  private FileTransfer(RpcStream stream, SentFolder folder, LongConsumer received) {
    this.stream = stream;
    this.folder = folder;
    this.received = received;
  }

  /**
   * Takes a folder to its end. Blocks.
   *
   * @param received is told how many bytes have come, now and then
   */
  static void receive(
      ClientSession session,
      Wanted wanted,
      SentFolder folder,
      LongConsumer received,
      Progress progress) {
    try (RpcStream stream =
        session.open("/moby.filesync.v1.FileSync/DiffCopy", wanted.metadata())) {
      progress.onGone(stream::close);
      new FileTransfer(stream, folder, received).run();
    } catch (RpcFailure e) {
      throw new JcomposeException.InvalidArgument(String.valueOf(e.getMessage()), e);
    } catch (KernelException | UncheckedIOException e) {
      throw new JcomposeException.Unavailable(
          "the build context cannot be taken: " + e.getMessage(), e);
    } catch (IOException e) {
      throw ClientSession.gone(e);
    }
  }

  private void run() throws IOException {
    try {
      boolean finished = false;
      for (byte[] part = stream.receive(); part != null; part = stream.receive()) {
        ProtoMessage packet = ProtoMessage.parse(part);
        switch ((int) packet.number(1)) {
          case STAT -> stat(packet);
          case DATA -> data(packet.number(3), packet.bytes(4));
          case FINISH -> finished = true;
          case ERROR -> throw new JcomposeException.InvalidArgument(packet.text(4));
          default -> throw new RpcFailure(RpcFailure.INVALID_ARGUMENT, "unknown packet");
        }
        ask();
      }
      if (!finished || !isAsked || !open.isEmpty()) {
        throw new IOException("the files broke off");
      }
      folder.finish();
    } finally {
      for (OutputStream file : open.values()) {
        try {
          file.close();
        } catch (RuntimeException e) {
          LOG.debug("a file that did not come whole was not closed", e);
        }
      }
    }
  }

  private void stat(ProtoMessage packet) throws IOException {
    if (!packet.has(2)) {
      isListed = true;
      return;
    }
    ProtoMessage stat = packet.message(2);
    long id = listed++;
    SentFolder.Entry entry = entry(stat);
    int mode = (int) stat.number(2);
    String link = stat.text(7);
    switch (GoFileMode.type(mode)) {
      case FOLDER -> folder.folder(entry);
      case LINK -> folder.link(entry, link);
      case PIPE -> folder.pipe(entry);
      case REGULAR -> {
        long size = stat.number(5);
        if (!link.isEmpty()) {
          folder.hardLink(entry, link);
        } else if (!folder.file(entry, size)) {
          await(new Waiting(id, entry));
        }
      }
      case OTHER -> {
        // sockets and devices are no part of an image
      }
    }
  }

  private static SentFolder.Entry entry(ProtoMessage stat) {
    int xattrs = stat.messages(10).stream().mapToInt(one -> one.bytes(2).length + 100).sum();
    if (stat.bytes(1).length > LONGEST || stat.bytes(7).length > LONGEST || xattrs > MOST_XATTRS) {
      throw new JcomposeException.InvalidArgument(
          "the build context has a path, a link or extended attributes that are too long");
    }
    long time = stat.number(6);
    return new SentFolder.Entry(
        stat.text(1),
        GoFileMode.permissions((int) stat.number(2)),
        Math.floorDiv(time, NANOS),
        (int) Math.floorMod(time, NANOS),
        stat.bytesMap(10));
  }

  private void await(Waiting file) {
    waitingBytes += file.entry.path().length() + BESIDE_A_NAME;
    if (waitingBytes > MOST_WAITING_BYTES) {
      throw new JcomposeException.InvalidArgument(
          "the build context has too many files for the engine's memory; leave some out by a"
              + " .dockerignore");
    }
    waiting.add(file);
  }

  private void data(long id, byte[] content) throws IOException {
    OutputStream file = open.get(id);
    if (file == null) {
      throw new RpcFailure(RpcFailure.INVALID_ARGUMENT, "a file came that was not asked for");
    }
    if (content.length > 0) {
      file.write(content);
      bytes += content.length;
      received.accept(bytes);
      return;
    }
    file.close();
    open.remove(id);
  }

  private void ask() throws IOException {
    while (open.size() < AT_ONCE && !waiting.isEmpty()) {
      Waiting next = waiting.remove();
      waitingBytes -= next.entry.path().length() + BESIDE_A_NAME;
      open.put(next.id, folder.content(next.entry));
      stream.send(new ProtoWriter().number(1, REQUEST).number(3, next.id));
    }
    if (isListed && open.isEmpty() && waiting.isEmpty()) {
      isListed = false; // said once
      isAsked = true;
      stream.send(new ProtoWriter().number(1, FINISH));
    }
  }
}
