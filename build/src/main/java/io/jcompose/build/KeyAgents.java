package io.jcompose.build;

import io.jcompose.build.context.Scratch;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Agents for the keys that {@code --ssh} names as files: the host's {@code ssh-agent}, one for each
 * list of files, which lives as long as the build or this process. Confined to one thread.
 */
final class KeyAgents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyAgents.class);
  private static final int MOST_BYTES = 100 << 10;
  private static final long LIMIT_SECONDS = 20;

  /**
   * Its standard input is held by this process: whatever ends that ends the agent, too. Commands of
   * builds speak to it, and are nobody's friends: it loads no library that they name
   * (CVE-2023-38408), and what they make it keep is at most 256 MiB.
   */
  private static final String RUN =
      "ulimit -v 262144; ssh-agent -D -P none -a \"$0\" & cat >/dev/null; kill $!; wait $!";

  private final Scratch scratch;
  private final Map<String, Path> sockets = new HashMap<>(); // by the text that names the files
  private final List<Process> agents = new ArrayList<>();

  /**
   * @param folder where it may make folders of its own
   */
  KeyAgents(Path folder) {
    this.scratch = new Scratch(folder, "ssh-");
  }

  /**
   * The same build, in which each key file is the socket of an agent that has it.
   *
   * @throws JcomposeException.InvalidArgument for a key that cannot be used without a person
   * @throws JcomposeException.NotFound without the file
   * @throws JcomposeException.Unavailable where there is no ssh-agent
   */
  BuildSpec with(BuildSpec spec) {
    Map<String, String> ssh = new LinkedHashMap<>();
    spec.ssh().forEach((id, path) -> ssh.put(id, isSocket(path) ? path : agent(id, path)));
    return spec.withSsh(ssh);
  }

  private static boolean isSocket(String path) {
    try (ForeignFile file = ForeignFile.at(Path.of(path))) {
      return file.status().type() == FileStatus.Type.SOCKET;
    } catch (KernelException e) {
      return false;
    }
  }

  private String agent(String id, String files) {
    Path known = sockets.get(files);
    if (known != null) {
      return known.toString();
    }
    String option = "--ssh " + id + "=" + files;
    List<byte[]> keys = new ArrayList<>();
    for (String file : files.split(",")) {
      keys.add(key(option, Path.of(file)));
    }
    Path socket = scratch.inner().resolve("agent");
    try {
      start(option, socket);
      for (byte[] key : keys) {
        add(option, socket, key);
      }
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(option + ": no agent can be started: " + e, e);
    }
    sockets.put(files, socket);
    return socket.toString();
  }

  private static byte[] key(String option, Path file) {
    byte[] key;
    try {
      key = ForeignFile.head(file, MOST_BYTES + 1);
    } catch (KernelException e) {
      throw new JcomposeException.NotFound(
          option
              + ": "
              + file
              + " is not there, or neither an agent's socket nor a key: "
              + e.getMessage());
    }
    if (key.length > MOST_BYTES) {
      throw new JcomposeException.InvalidArgument(option + ": " + file + " is too large for a key");
    }
    if (PrivateKeyText.isEncrypted(new String(key, StandardCharsets.ISO_8859_1))) {
      throw new JcomposeException.InvalidArgument(
          option
              + ": the key is protected by a passphrase: add it to an agent (ssh-add), and give"
              + " the agent's socket");
    }
    return key;
  }

  private void start(String option, Path socket) throws IOException {
    Process agent =
        new ProcessBuilder("sh", "-c", RUN, socket.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    agents.add(agent);
    BufferedReader out = agent.inputReader(StandardCharsets.ISO_8859_1);
    Thread watch =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    if (!agent.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) && !Files.exists(socket)) {
                      agent.destroyForcibly();
                    }
                  } catch (InterruptedException e) {
                    LOG.debug("the agent of {} has begun", option);
                  }
                });
    String line = out.readLine(); // once it listens
    watch.interrupt();
    if (line == null) {
      throw new JcomposeException.Unavailable(
          option + ": no agent can be started for the key: is openssh-client installed?");
    }
  }

  /** By standard input, for ssh-add looks at the modes of files. */
  private static void add(String option, Path socket, byte[] key) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("ssh-add", "-q", "-").redirectErrorStream(true);
    builder.environment().put("SSH_AUTH_SOCK", socket.toString());
    builder.environment().put("SSH_ASKPASS", "/bin/false"); // nobody is asked
    builder.environment().put("SSH_ASKPASS_REQUIRE", "force");
    Process adding = builder.start();
    try (OutputStream in = adding.getOutputStream()) {
      in.write(key);
      if (key.length == 0 || key[key.length - 1] != '\n') {
        in.write('\n');
      }
    } catch (IOException e) {
      LOG.debug("ssh-add has ended before it read all", e);
    }
    try {
      if (!adding.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        adding.destroyForcibly();
        throw new JcomposeException.Timeout(option + ": ssh-add does not end");
      }
      if (adding.exitValue() != 0) {
        String told = new String(adding.getInputStream().readNBytes(2_000), StandardCharsets.UTF_8);
        throw new JcomposeException.InvalidArgument(
            option + ": it is no private key that ssh-add takes: " + told.strip());
      }
    } catch (InterruptedException e) {
      adding.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the build was given up");
    }
  }

  @Override
  public void close() {
    for (Process agent : agents) {
      try (OutputStream in = agent.getOutputStream()) {
        in.flush();
      } catch (IOException e) {
        LOG.debug("an agent has ended", e);
      }
    }
    boolean interrupted = false;
    for (Process agent : agents) {
      try {
        if (!agent.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          agent.descendants().forEach(ProcessHandle::destroyForcibly);
          agent.destroyForcibly();
        }
      } catch (InterruptedException e) {
        interrupted = true;
        agent.descendants().forEach(ProcessHandle::destroyForcibly);
      }
    }
    scratch.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
