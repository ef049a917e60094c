package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.compile.ExecTemplate;
import io.jcompose.runtime.shim.Frames;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Taking over a task whose shim is of another version than this engine: frames byte by byte. */
@Timeout(60)
class OlderShimTest {
  private static final String ID = "0123456789abcdef0123456789abcdef";

  /** The template that version 1 of the engine gave its shims: one variable, root, no filter. */
  private static final byte[] TEMPLATE =
      new ExecTemplate(
              List.of("A=1"),
              "/",
              "",
              List.of(),
              0,
              false,
              new byte[0],
              List.of(),
              0,
              0,
              0,
              0,
              "",
              "")
          .encode();

  @TempDir Path directory;
  private final BlockingQueue<TaskExit> ends = new LinkedBlockingQueue<>();
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private ServerSocketChannel server;
  private TaskRuntime runtime;

  @BeforeEach
  void listen() throws IOException {
    Path shim = directory.resolve("shim");
    Files.writeString(shim, "#!/bin/sh\necho ready\nexec cat >/dev/null\n");
    assertThat(shim.toFile().setExecutable(true)).isTrue();
    Path run = directory.resolve("run").resolve(ID.substring(0, 16));
    Files.createDirectories(run);
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(run.resolve("ctl")));
    runtime =
        TaskRuntime.unprepared(
            new RuntimeConfig(directory.resolve("run"), shim, "/jcompose-none", Map.of()));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    runtime.close();
  }

  @Test
  void takesOverAVersionOneShim() throws Exception {
    Thread shim = serve(1, TEMPLATE, 24);
    Task task = adopt();
    assertThat(task.pid()).isEqualTo(4711);
    task.logPacked(5); // no frame of that version: must not be sent
    mayEnd.countDown();
    TaskExit exit = ends.poll(30, TimeUnit.SECONDS);
    assertThat(exit).isNotNull();
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.oomKilled()).isTrue();
    assertThat(exit.oomPeakBytes()).isZero();
    shim.join();
  }

  @Test
  void takesOverANewerShimButRunsNoProgramInIt() throws Exception {
    byte[] unknown = {0, 0, 0, 99, 1, 2, 3};
    Thread shim = serve(7, unknown, 64);
    Task task = adopt();
    assertThatThrownBy(
            () -> task.exec(new ExecSpec(List.of("true"), List.of(), "", "", false, false, false)))
        .isInstanceOf(JcomposeException.class);
    mayEnd.countDown();
    assertThat(ends.poll(30, TimeUnit.SECONDS)).isNotNull();
    shim.join();
  }

  @Test
  void anOlderShimIsSentNoLongerFrameThanItTakes() throws Exception {
    Thread shim = serve(2, TEMPLATE, 24);
    Task task = adopt();
    List<String> many = Collections.nCopies(3, "x".repeat(120_000));
    assertThatThrownBy(() -> task.exec(new ExecSpec(many, List.of(), "", "", false, false, false)))
        .hasMessageContaining("started by an older jcompose; restart the container");
    mayEnd.countDown();
    assertThat(ends.poll(30, TimeUnit.SECONDS)).isNotNull();
    shim.join();
  }

  @Test
  void aSilentShimIsTakenOverWhenItAnswers() throws Exception {
    assertThatThrownBy(this::adopt)
        .isInstanceOf(JcomposeException.Timeout.class)
        .hasMessageContaining(ID)
        .hasMessageContaining("did not answer within 2 s");
    try (SocketChannel before = server.accept()) { // now it runs again, and finds who has gone
      assertThat(next(before)).isEqualTo(Frames.META);
      assertThat(before.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
    Thread shim = serve(2, TEMPLATE, 24);
    assertThat(adopt().pid()).isEqualTo(4711);
    mayEnd.countDown();
    assertThat(ends.poll(30, TimeUnit.SECONDS)).isNotNull();
    shim.join();
  }

  /** It has no room for one more, or no memory: nothing of that says that its task has ended. */
  @Test
  void onlyItsSocketProvesThatAShimIsGone() throws Exception {
    Thread shim =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (SocketChannel closed = server.accept()) {
                    assertThat(closed.isConnected()).isTrue();
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                });
    assertThatThrownBy(this::adopt)
        .isInstanceOf(JcomposeException.Timeout.class)
        .hasMessageContaining("lives, but cannot be asked");
    shim.join();
    Thread other = answer(Frames.FAILED, ByteBuffer.allocate(12));
    assertThatThrownBy(this::adopt).isInstanceOf(JcomposeException.Timeout.class);
    other.join();
    server.close();
    assertThat(runtime.adopt(ID, directory, "", (task, exit) -> ends.add(exit))).isEmpty();
  }

  /** As a shim does with an engine that does not take what it is told. */
  @Test
  void aTaskWhoseConnectionIsCutOffIsNotLostWhileItsShimLives() throws Exception {
    CountDownLatch cut = new CountDownLatch(1);
    Thread first = serve(3, TEMPLATE, cut, engine -> {});
    Task task = adopt();
    Thread second = serve(3, TEMPLATE, 24);
    cut.countDown();
    first.join();
    mayEnd.countDown();
    TaskExit exit = ends.poll(30, TimeUnit.SECONDS);
    assertThat(exit).isNotNull();
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.lost()).isFalse();
    assertThat(task.exit()).contains(exit);
    second.join();
  }

  private Thread answer(int type, ByteBuffer data) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try (SocketChannel engine = server.accept()) {
                assertThat(next(engine)).isEqualTo(Frames.META);
                send(engine, type, data);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private Task adopt() {
    return runtime.adopt(ID, directory, "", (task, exit) -> ends.add(exit)).orElseThrow();
  }

  /** Answers META and WATCH as a shim of the version, and tells the end when WATCH was answered. */
  private Thread serve(int version, byte[] template, int exitBytes) {
    return serve(
        version,
        template,
        mayEnd,
        engine -> {
          ByteBuffer exit = little(exitBytes).putInt(137).putInt(9).putInt(1).putInt(0);
          exit.putLong(2_000_000_000L).position(0);
          send(engine, Frames.OLDER_EXIT, exit);
        });
  }

  private interface Last {
    void tell(SocketChannel engine) throws IOException;
  }

  private Thread serve(int version, byte[] template, CountDownLatch until, Last last) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try (SocketChannel engine = server.accept()) {
                assertThat(next(engine)).isEqualTo(Frames.META);
                send(engine, Frames.META_IS, ByteBuffer.wrap(template));
                assertThat(next(engine)).isEqualTo(Frames.WATCH);
                ByteBuffer started =
                    little(16).putInt(4711).putInt(version).putLong(1_000_000_000L);
                send(engine, Frames.STARTED, started.flip());
                assertThat(until.await(30, TimeUnit.SECONDS)).isTrue();
                last.tell(engine);
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private static int next(SocketChannel engine) throws IOException {
    byte[] head = Channels.newInputStream(engine).readNBytes(8);
    assertThat(ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt(4)).isZero();
    return head[0];
  }

  private static void send(SocketChannel engine, int type, ByteBuffer data) throws IOException {
    ByteBuffer frame =
        little(8 + data.remaining()).put((byte) type).put((byte) 0).putShort((short) 0);
    frame.putInt(data.remaining()).put(data).flip();
    while (frame.hasRemaining()) {
      engine.write(frame);
    }
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
