package io.jcompose.cli.client;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.NativeCalls;
import io.jcompose.cli.wire.Connection;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts an engine in the background and waits until it serves. The engine says {@code ready} on
 * its standard output, a pipe, so nothing polls; a lock keeps two commands from starting two.
 */
public final class EngineStart {
  private static final int TAIL_BYTES = 2000;

  private EngineStart() {}

  public static void start(Roots roots) throws IOException {
    Path run = Path.of(roots.run());
    try {
      LockFiles.makeClosed(run);
    } catch (AccessDeniedException e) {
      throw onlyRoot(roots);
    } catch (IOException e) {
      throw new CommandFailure(
          "no engine answers at "
              + roots.socket()
              + ", and none can be started: cannot make "
              + run
              + ": "
              + e,
          1);
    }
    Path log = run.resolve(EngineFiles.ERRORS);
    try (FileChannel file = LockFiles.open(run.resolve(EngineFiles.START_LOCK))) {
      FileLock lock = LockFiles.lock(file, run.resolve(EngineFiles.START_LOCK));
      if (lock.isValid() && isUp(roots)) {
        return;
      }
      if (Files.exists(log)) {
        Files.move(log, run.resolve(EngineFiles.LAST_ERRORS), StandardCopyOption.REPLACE_EXISTING);
      }
      if (!saysReady(roots, log) && !isUp(roots)) {
        throw new CommandFailure(
            "the engine did not start; the end of " + log + ":\n" + tail(log), 1);
      }
    } catch (AccessDeniedException | FileNotFoundException e) {
      throw onlyRoot(roots);
    }
  }

  private static CommandFailure onlyRoot(Roots roots) {
    return new CommandFailure(
        "no engine answers at "
            + roots.socket()
            + ", and only root can start one: `sudo jcompose …`, or where it is installed `sudo"
            + " systemctl enable --now jcompose`",
        1);
  }

  private static boolean isUp(Roots roots) {
    return Connection.isOpen(roots.socket());
  }

  private static boolean saysReady(Roots roots, Path log) throws IOException {
    String home = System.getProperty("jcompose.home", "");
    List<String> command =
        home.isEmpty()
            ? List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.jcompose.cli.Main",
                "engine")
            : List.of(home + "/lib/jcompose-java", "engine");
    command = new ArrayList<>(command);
    command.addAll(List.of("--background", "--run", roots.run()));
    if (roots.hasOwnState()) { // else the engine's settings may name another place
      command.addAll(List.of("--state", roots.state()));
    }
    try (InputStream output = spawn(command, log)) {
      return output.read() == 'r';
    }
  }

  private static InputStream spawn(List<String> command, Path log) throws IOException {
    if (!NativeCalls.isLoaded()) {
      List<String> detached = new ArrayList<>(List.of("setsid"));
      detached.addAll(command);
      return new ProcessBuilder(detached)
          .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start()
          .getInputStream();
    }
    String joined = String.join("\0", command) + "\0";
    int fd =
        NativeCalls.spawn(
            joined.getBytes(StandardCharsets.UTF_8),
            log.toString().getBytes(StandardCharsets.UTF_8));
    if (fd < 0) {
      throw new IOException("cannot start the engine: errno " + -fd);
    }
    return new Connection.ByLibrary(fd).input();
  }

  private static String tail(Path log) throws IOException {
    if (!Files.exists(log)) {
      return "";
    }
    try (FileChannel channel = FileChannel.open(log)) {
      channel.position(Math.max(0, channel.size() - TAIL_BYTES));
      byte[] end = Channels.newInputStream(channel).readNBytes(TAIL_BYTES);
      return new String(end, StandardCharsets.UTF_8).strip();
    }
  }
}
