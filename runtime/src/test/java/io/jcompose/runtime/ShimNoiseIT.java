package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.runtime.compile.ExecTemplate;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.security.Capabilities;
import io.jcompose.runtime.security.SeccompFilter;
import io.jcompose.runtime.shim.Frames;
import io.jcompose.runtime.user.ProcessUser;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Noise on a live shim's control socket: whatever a client sends, the shim answers the next one and
 * its task runs on. {@code -Djcompose.noise=N} sets the number of connections.
 */
class ShimNoiseIT {
  private static final int[] TYPES = {
    Frames.PLAN,
    Frames.WATCH,
    Frames.ATTACH,
    Frames.EXEC,
    Frames.STDIN,
    Frames.STDIN_CLOSE,
    Frames.RESIZE,
    Frames.META,
    0,
    66,
    255
  };
  private final Random random = new Random(7);

  @Test
  void answersAfterAnyNoise() throws IOException {
    int connections = Integer.getInteger("jcompose.noise", 300);
    try (TestHost host = new TestHost()) {
      var run = host.run("sleep", "1000").start();
      Path socket = host.config.runDir().resolve(run.id.substring(0, 16)).resolve("ctl");
      byte[] exec = exec();
      for (int i = 0; i < connections; i++) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
          channel.connect(UnixDomainSocketAddress.of(socket));
          for (int frames = random.nextInt(6); frames >= 0; frames--) {
            channel.write(frame(exec));
          }
        } catch (IOException e) {
          continue; // cut off, as it should be
        }
        if (i % 20 == 19) {
          assertThat(TaskRuntimeIT.exec(run.task, "", "echo", "well")).isEqualTo("well\n[0]");
        }
      }
      assertThat(TaskRuntimeIT.exec(run.task, "", "echo", "well")).isEqualTo("well\n[0]");
      assertThat(run.task.exit()).isEmpty();
      run.task.killAll();
      run.awaitEnd();
    }
  }

  private static byte[] exec() {
    ExecTemplate template =
        new ExecTemplate(
            List.of("PATH=/bin"),
            "/",
            "",
            List.of(),
            Capabilities.DEFAULT,
            false,
            SeccompFilter.of(ContainerSpec.Security.DEFAULT, Capabilities.DEFAULT),
            List.of(),
            CloneFlags.NEWNS | CloneFlags.NEWUTS | CloneFlags.NEWIPC | CloneFlags.NEWNET,
            0,
            0,
            0,
            "",
            "");
    ExecSpec spec = new ExecSpec(List.of("true"), List.of(), "", "", false, false, false);
    return template.execPlan(spec, ProcessUser.ROOT, true).encodeChild();
  }

  /** A signal alone is left out: it would rightly end the task. */
  private ByteBuffer frame(byte[] exec) {
    int type = TYPES[random.nextInt(TYPES.length)];
    boolean plan = type == Frames.EXEC || type == Frames.PLAN;
    byte[] data = plan ? exec.clone() : new byte[random.nextInt(64)];
    if (!plan) {
      random.nextBytes(data);
    }
    for (int damages = random.nextInt(8); damages > 0 && data.length > 0; damages--) {
      // in the first part, where the plan's structure is; the filter's bytes are the kernel's to
      // check
      data[random.nextInt(Math.min(data.length, 200))] = (byte) random.nextInt();
    }
    int told = random.nextInt(8) == 0 ? random.nextInt() : data.length;
    ByteBuffer frame = ByteBuffer.allocate(8 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    frame.put((byte) type).put((byte) random.nextInt(4)).putShort((short) 0).putInt(told);
    return frame.put(data).flip();
  }
}
