package io.jcompose.engine.launch;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Ids;
import io.jcompose.core.Mount;
import io.jcompose.core.file.StateFile;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.network.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a container's {@code /etc/hosts}, {@code /etc/hostname} and {@code /etc/resolv.conf}; a
 * container in another one's network sees the other's. Stateless.
 *
 * @param others the containers that modes name
 */
record NameFiles(EngineConfig config, JoinedContainers others) {
  /** Writes them to the container's folder, and says how they are mounted. */
  List<Mount> write(ContainerRecord record, @Nullable Sandbox sandbox) {
    String mode = record.spec().networking().mode();
    Path source = config.container(record.id());
    if (JoinedContainers.isNamed(mode)) {
      source = config.container(others.named(mode).id());
    } else if (sandbox != null) {
      write(source.resolve("hosts"), sandbox.hosts());
      write(source.resolve("resolv.conf"), file -> Files.write(file, sandbox.resolvConf()));
      write(source.resolve("hostname"), file -> Files.writeString(file, hostname(record) + "\n"));
    }
    boolean readOnly = record.spec().security().readOnlyRootfs();
    List<Mount> mounts = new ArrayList<>();
    for (String file : List.of("resolv.conf", "hostname", "hosts")) {
      mounts.add(
          new Mount.Bind(source.resolve(file), "/etc/" + file, readOnly, true, "rprivate", true));
    }
    return mounts;
  }

  /** The host name of a container; its short id where nothing says another. */
  String hostname(ContainerRecord record) {
    ContainerSpec spec = record.spec();
    String mode = spec.networking().mode();
    if (!spec.process().hostname().isEmpty()) {
      return spec.process().hostname();
    }
    if (mode.equals("host")) {
      return hostsOwnName();
    }
    if (JoinedContainers.isNamed(mode)) {
      ContainerView other = others.named(mode);
      String name = other.spec().process().hostname();
      return name.isEmpty() ? Ids.brief(other.id()) : name;
    }
    return Ids.brief(record.id());
  }

  private static String hostsOwnName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read the host's name", e);
    }
  }

  private static void write(Path file, Sandbox.FileContent content) {
    try {
      if (Files.isDirectory(file)) {
        StateFile.setAside(file, "it is a directory");
      }
      // Written in place: a restarted container's bind mount is made anew anyway, and no reader
      // sees a file of a start that failed.
      content.writeTo(file);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to write " + file, e);
    }
  }
}
