package io.jcompose.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys of ssh-keygen, asked for as ssh asks an agent (draft-ietf-sshm-ssh-agent). */
@Timeout(60)
class KeyAgentsTest {
  private static final int REQUEST_IDENTITIES = 11;
  private static final int SIGN_REQUEST = 13;
  private static final int SIGN_RESPONSE = 14;

  @TempDir Path folder;

  @BeforeAll
  static void needsOpenSsh() {
    List<String> path = List.of(System.getenv("PATH").split(":"));
    assumeThat(path.stream().anyMatch(place -> Files.exists(Path.of(place, "ssh-agent"))))
        .as("openssh-client is installed")
        .isTrue();
  }

  /** The key's file, readable by others, which is no business of a build. */
  private Path key(String name, String... words) throws Exception {
    Path file = folder.resolve(name);
    List<String> command = new ArrayList<>(List.of("ssh-keygen", "-q", "-C", "", "-f"));
    command.add(file.toString());
    command.addAll(List.of(words));
    if (!command.contains("-N")) {
      command.addAll(List.of("-N", ""));
    }
    assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    return file;
  }

  private static byte[] publicKey(Path file) throws IOException {
    String text = Files.readString(file.resolveSibling(file.getFileName() + ".pub"));
    return Base64.getDecoder().decode(text.split(" ")[1].strip());
  }

  private BuildSpec spec(String... ssh) {
    return BuildSpec.of("web", folder).withSsh(Map.of("default", String.join(",", ssh)));
  }

  private static byte[] string(DataInputStream in) throws IOException {
    return in.readNBytes(in.readInt());
  }

  private static List<byte[]> identities(DataInputStream in, DataOutputStream out)
      throws IOException {
    out.writeInt(1);
    out.writeByte(REQUEST_IDENTITIES);
    in.readInt();
    in.readByte();
    List<byte[]> keys = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      keys.add(string(in));
      string(in); // a comment
    }
    return keys;
  }

  private static int sign(DataInputStream in, DataOutputStream out, byte[] key) throws IOException {
    byte[] data = "data".getBytes(StandardCharsets.US_ASCII);
    out.writeInt(1 + 4 + key.length + 4 + data.length + 4);
    out.writeByte(SIGN_REQUEST);
    out.writeInt(key.length);
    out.write(key);
    out.writeInt(data.length);
    out.write(data);
    out.writeInt(0);
    byte[] answer = string(in);
    return answer[0];
  }

  /** A command of a build can ask it to load a library, or to keep as many keys as it likes. */
  private static void isConfined(ProcessHandle agent) throws IOException {
    Path process = Path.of("/proc/" + agent.pid());
    assertThat(Files.readString(process.resolve("cmdline"))).contains("ssh-agent\0-D\0-P\0none\0");
    assertThat(Files.readString(process.resolve("limits")))
        .containsPattern("Max address space +268435456 +268435456");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ed25519",
        "-t ecdsa",
        "-t rsa -b 2048",
        "-t rsa -b 2048 -m PEM",
        "-t ecdsa -m PKCS8",
        "-t rsa -b 2048 -m PKCS8"
      })
  void anAgentHasTheKey(String words) throws Exception {
    Path key = key("key", words.split(" "));
    Path scratch = folder.resolve("scratch");
    List<ProcessHandle> before = ProcessHandle.current().descendants().toList();
    List<ProcessHandle> agents;
    try (KeyAgents keys = new KeyAgents(scratch)) {
      BuildSpec given = keys.with(spec(key.toString()));
      Path socket = Path.of(given.ssh().get("default"));
      assertThat(keys.with(spec(key.toString())).ssh()).isEqualTo(given.ssh());
      try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
        DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel));
        assertThat(identities(in, out)).containsExactly(publicKey(key));
        assertThat(sign(in, out, publicKey(key))).isEqualTo(SIGN_RESPONSE);
      }
      agents = new ArrayList<>(ProcessHandle.current().descendants().toList());
      agents.removeAll(before);
      assertThat(agents).anySatisfy(KeyAgentsTest::isConfined);
    }
    assertThat(scratch).isEmptyDirectory();
    for (ProcessHandle agent : agents) {
      agent.onExit().get();
    }
  }

  @Test
  void severalKeysAreOfOneAgentAndASocketIsTakenAsItIs() throws Exception {
    Path one = key("one", "-t", "ed25519");
    Path two = key("two", "-t", "ecdsa");
    Path path = folder.resolve("agent");
    try (KeyAgents keys = new KeyAgents(folder.resolve("scratch"));
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      assertThat(keys.with(spec(path.toString())).ssh()).containsEntry("default", path.toString());
      Path socket = Path.of(keys.with(spec(one.toString(), two.toString())).ssh().get("default"));
      try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        assertThat(
                identities(
                    new DataInputStream(Channels.newInputStream(channel)),
                    new DataOutputStream(Channels.newOutputStream(channel))))
            .containsExactly(publicKey(one), publicKey(two));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-t ed25519", "-t rsa -b 2048 -m PEM", "-t rsa -b 2048 -m PKCS8"})
  void aKeyThatNeedsAPassphraseIsRefused(String words) throws Exception {
    Path key = key("key", (words + " -N secret").split(" "));
    try (KeyAgents keys = new KeyAgents(folder.resolve("scratch"))) {
      assertThatThrownBy(() -> keys.with(spec(key.toString())))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageStartingWith(
              "--ssh default=" + key + ": the key is protected by a passphrase");
    }
  }

  @Test
  void whatIsNoKeyIsRefused() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "no key");
    try (KeyAgents keys = new KeyAgents(folder.resolve("scratch"))) {
      assertThatThrownBy(() -> keys.with(spec(text.toString())))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining("no private key that ssh-add takes");
      assertThatThrownBy(() -> keys.with(spec(folder.resolve("none").toString())))
          .isInstanceOf(JcomposeException.NotFound.class)
          .hasMessageContaining("is not there");
      Files.write(text, new byte[200 << 10]);
      assertThatThrownBy(() -> keys.with(spec(text.toString())))
          .hasMessageContaining("too large for a key");
    }
    assertThat(folder.resolve("scratch")).isEmptyDirectory();
  }
}
