package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcConnection;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.docker.rpc.RpcStream;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.RegistryLogins.Login;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client lends to its builds, by calls to it: files, secrets, agents of ssh, logins. Lives
 * as long as its connection. Thread-safe.
 */
final class ClientSession implements Progress.Loans, AutoCloseable {
  private static final String HUB = "registry-1.docker.io"; // the client knows it by this name

  private static final int MOST_AGENTS = 16;

  private final RpcConnection connection;
  private final String sharedKey;
  private final Builds builds;
  private final RegistryLogins logins = new RegistryLogins.OfSession(this::login);
  private final Map<String, Optional<AgentSocket>> agents = new HashMap<>(); // guarded by this

  /**
   * @param sharedKey the same for sessions of the same folders; empty for none
   */
  ClientSession(RpcConnection connection, String sharedKey, Builds builds) {
    this.connection = connection;
    this.sharedKey = sharedKey;

    this.builds = builds;
  }

  /** What a folder of the client is called from one session to the next; empty without a name. */
  String key(String folder) {
    return sharedKey.isEmpty() ? "" : sharedKey + "\0" + folder;
  }

  RegistryLogins logins() {
    return logins;
  }

  RpcStream open(String path, Map<String, List<String>> metadata) throws IOException {
    return connection.open(path, metadata);
  }

  /** Empty for a client that does not have what is asked for. */
  private Optional<ProtoMessage> ask(String path, ProtoWriter request) {
    try (RpcStream call = connection.open(path, Map.of())) {
      return Optional.of(call.ask(request));
    } catch (RpcFailure e) {
      if (e.code() == RpcFailure.NOT_FOUND || e.code() == RpcFailure.UNIMPLEMENTED) {
        return Optional.empty();
      }
      throw new JcomposeException.InvalidArgument(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw gone(e);
    }
  }

  static JcomposeException gone(IOException e) {
    return new JcomposeException.Cancelled("the client has left: " + e.getMessage());
  }

  @Override
  public Optional<byte[]> secret(String id) {
    return ask("/moby.buildkit.secrets.v1.Secrets/GetSecret", new ProtoWriter().text(1, id))
        .map(answer -> answer.bytes(1));
  }

  @Override
  public Optional<Path> agent(String id) {
    AgentSocket socket;
    synchronized (this) {
      if (agents.size() >= MOST_AGENTS && !agents.containsKey(id)) {
        throw new JcomposeException.InvalidArgument(
            "a build has " + MOST_AGENTS + " agents at most");
      }
      socket =
          agents.computeIfAbsent(id, wanted -> Optional.ofNullable(socket(wanted))).orElse(null);
    }
    return Optional.ofNullable(socket).map(AgentSocket::path);
  }

  private @Nullable AgentSocket socket(String id) {
    ProtoWriter request = new ProtoWriter().text(1, id);
    boolean there = ask("/moby.sshforward.v1.SSH/CheckAgent", request).isPresent();
    Map<String, List<String>> metadata = Map.of("buildkit.ssh.id", List.of(id));
    return there
        ? AgentSocket.open(
            () -> open("/moby.sshforward.v1.SSH/ForwardAgent", metadata), builds.receiveFolder(""))
        : null;
  }

  private Optional<Login> login(String registry) {
    String host = registry.equals("docker.io") ? HUB : registry;
    ProtoWriter request = new ProtoWriter().text(1, host);
    return ask("/moby.filesync.v1.Auth/Credentials", request)
        .filter(answer -> !answer.text(2).isEmpty())
        .map(
            answer ->
                new Login(
                    answer.text(1).isEmpty() ? Login.IDENTITY_TOKEN : answer.text(1),
                    answer.text(2)));
  }

  @Override
  public synchronized void close() {
    agents.values().forEach(agent -> agent.ifPresent(AgentSocket::close));
    agents.clear();
  }
}
