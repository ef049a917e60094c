package io.jcompose.build.solve;

import io.jcompose.build.context.Copying;
import io.jcompose.build.context.FileList;
import io.jcompose.build.context.Scratch;
import io.jcompose.build.context.Selected;
import io.jcompose.build.context.TreeDigest;
import io.jcompose.build.mount.RunMount;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.library.NativeSha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of a RUN: what they are for the step's key, and, when the step is carried out, the
 * files behind them. Copies live until the close; caches stay. Confined to one thread.
 */
final class StepMounts implements AutoCloseable {
  private final StageState stage;
  private final List<RunMount> asked;
  private final Map<RunMount, Shown> shown = new HashMap<>();
  private final List<Sources.Opened> opened = new ArrayList<>();
  private final List<MountSpec> mounts = new ArrayList<>();
  private final List<FileSpec> files = new ArrayList<>();
  private final List<String> env = new ArrayList<>();
  private final List<String> targets = new ArrayList<>();
  private final Scratch copies;

  /** What a bind mount shows, and what it is for the step's key. */
  private record Shown(Selected selected, TreeDigest.Seen seen) {}

  StepMounts(StageState stage, List<RunMount> asked) {
    this.stage = stage;
    this.asked = asked;
    this.copies = new Scratch(stage.call().site().scratch(), "step-");
    try {
      for (RunMount mount : asked) {
        if (mount.type() == RunMount.Type.BIND) {
          Selected found = find(mount);
          shown.put(mount, new Shown(found, stage.seen(found)));
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Selected find(RunMount mount) {
    Sources.Opened source = stage.sources().open(mount.from());
    opened.add(source);
    String path = mount.source() == null ? "/" : mount.source();
    return Selected.exact(source.source(), path);
  }

  List<MountSpec> mounts() {
    return mounts;
  }

  List<FileSpec> files() {
    return files;
  }

  List<String> env() {
    return env;
  }

  /** Where something was mounted. */
  List<String> targets() {
    return targets;
  }

  /** Adds what decides the result: of files their content, of secrets and caches only the name. */
  void describe(StepKey key) {
    for (RunMount mount : asked) {
      String name = "--mount=type=" + mount.type().name().toLowerCase(Locale.ROOT);
      List<String> values = new ArrayList<>();
      for (Object part : options(mount)) {
        values.add(part == null ? "" : "=" + part);
      }
      key.hidden(name, values);
      Shown files = shown.get(mount);
      if (files != null) {
        FileList list = new FileList(stage.call().room());
        list.addAll(files.selected.path(), files.seen.files());
        key.files("the files of " + name, List.of(files.seen.digest().hex()), list);
      }
    }
  }

  private static List<@Nullable Object> options(RunMount mount) {
    return Arrays.asList(
        mount.target(),
        mount.readOnly(),
        mount.id(),
        mount.env(),
        mount.mode(),
        mount.uid(),
        mount.gid(),
        mount.sizeBytes());
  }

  /** Makes the files and directories that are mounted. */
  void prepare() {
    try {
      for (RunMount mount : asked) {
        switch (mount.type()) {
          case BIND -> bind(mount);
          case CACHE -> cache(mount);
          case TMPFS -> tmpfs(mount);
          case SECRET -> secret(mount);
          case SSH -> ssh(mount);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String target(@Nullable String given) {
    String dir = stage.image().workingDir();
    String target = given == null ? dir : Paths.absolute(dir, given);
    if (target.equals("/")) {
      throw new JcomposeException.InvalidArgument(
          "invalid mount target \"" + given + "\": it would hide the root filesystem");
    }
    return target;
  }

  private void bind(RunMount mount) throws IOException {
    Shown files = Objects.requireNonNull(shown.get(mount));
    Selected what = files.selected;
    String target = target(mount.target());
    Path copy = copies.folder().resolve(String.valueOf(mounts.size()));
    try (DirectoryFd into = DirectoryFd.open(copies.folder())) {
      Digest copied =
          Copying.copy(
              what,
              into,
              String.valueOf(mounts.size()),
              new Copying.Rules(null, null),
              stage.call().isGivenUp());
      StageState.requireSame(what, files.seen.digest(), copied);
      requirePlain(into, String.valueOf(mounts.size()), what);
    }
    add(new MountSpec.Bind(copy, target, mount.readOnly(), false, true, ""));
  }

  /** What was a file may have become a link meanwhile, which would be followed. */
  private static void requirePlain(DirectoryFd copies, String name, Selected what) {
    FileStatus status = copies.stat(name.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    if (!status.isRegular() && !status.isDirectory()) {
      throw new JcomposeException.InvalidArgument(
          "/" + what.path() + " is neither a file nor a folder, and cannot be mounted");
    }
  }

  private void add(MountSpec mount) {
    mounts.add(mount);
    targets.add(mount.target());
  }

  /** The caches that one step at a time may use, sorted, so that no two wait for each other. */
  List<String> exclusive() {
    return asked.stream()
        .filter(mount -> mount.type() == RunMount.Type.CACHE)
        .filter(mount -> mount.sharing() != RunMount.Sharing.SHARED)
        .map(mount -> "cache " + directory(mount))
        .distinct()
        .sorted()
        .toList();
  }

  private Path directory(RunMount mount) {
    String id = mount.id() == null ? target(mount.target()) : mount.id();
    byte[] hash = NativeSha256.create().digest(id.getBytes(StandardCharsets.UTF_8));
    return stage.call().site().caches().resolve(Digest.sha256(hash).hex());
  }

  private void cache(RunMount mount) throws IOException {
    String target = target(mount.target());
    Path directory = directory(mount);
    if (!Files.exists(directory)) {
      fill(mount, directory);
    }
    add(new MountSpec.Bind(directory, target, mount.readOnly(), false, true, ""));
  }

  /** Under another name first, so that a crash leaves no half filled cache. */
  private void fill(RunMount mount, Path directory) throws IOException {
    Files.createDirectories(stage.call().site().caches());
    Path made = Files.createTempDirectory(stage.call().site().caches(), ".new-");
    try (DirectoryFd root = DirectoryFd.open(made)) {
      if (mount.from() != null) {
        try (Sources.Opened source = stage.sources().open(mount.from())) {
          String path = mount.source() == null ? "/" : mount.source();
          Selected first = Selected.exact(source.source(), path);
          Digest _ =
              Copying.copy(
                  first, root, "", new Copying.Rules(null, null), stage.call().isGivenUp());
        }
      }
      int mode = mount.mode() == null ? 0755 : mount.mode();
      root.setAttributes(id(mount.uid()), id(mount.gid()), mode, 0, 0);
    }
    try {
      Files.move(made, directory, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Scratch.remove(made);
      if (!Files.exists(directory)) {
        throw e;
      }
    }
  }

  private static int id(@Nullable Long given) {
    return given == null ? 0 : given.intValue();
  }

  private void tmpfs(RunMount mount) {
    String size = mount.sizeBytes() > 0 ? "size=" + mount.sizeBytes() : "";
    add(new MountSpec.Tmpfs(target(mount.target()), size));
  }

  private void secret(RunMount mount) throws IOException {
    Optional<BuildSpec.Secret> found =
        stage.spec().secrets().stream().filter(s -> s.id().equals(mount.id())).findFirst();
    if (found.isEmpty()) {
      found = lent(String.valueOf(mount.id()));
    }
    if (found.isEmpty()) {
      if (mount.required()) {
        throw new JcomposeException.NotFound("secret " + mount.id() + ": not found");
      }
      return;
    }
    String value = found.get().value();
    Path source = found.get().source();
    if (source != null && !Files.isRegularFile(source)) {
      throw new JcomposeException.NotFound(
          "secret " + mount.id() + ": " + source + " is not there, or no regular file");
    }
    if (mount.env() != null) {
      env.add(mount.env() + "=" + (source == null ? value : Secrets.text(source)));
    }
    if (mount.target() != null) {
      int mode = mount.mode() == null ? 0400 : mount.mode();
      String target = target(mount.target());
      files.add(
          new FileSpec(
              "build-secret-" + mount.id(),
              target,
              source,
              value,
              id(mount.uid()),
              id(mount.gid()),
              mode,
              true));
    }
  }

  /** One that whoever gave the build has, of which it has told nothing. */
  private Optional<BuildSpec.Secret> lent(String id) throws IOException {
    Optional<byte[]> value = stage.call().progress().loans().secret(id);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    String text = new String(value.get(), StandardCharsets.UTF_8);
    if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), value.get())) {
      return Optional.of(new BuildSpec.Secret(id, null, text));
    }
    Path file = Files.createTempFile(copies.folder(), "secret-", ""); // 0600
    Files.write(file, value.get());
    return Optional.of(new BuildSpec.Secret(id, file, null));
  }

  private void ssh(RunMount mount) {
    String path = stage.spec().ssh().get(mount.id());
    if (path == null) {
      Optional<Path> lent = stage.call().progress().loans().agent(String.valueOf(mount.id()));
      path = lent.map(Path::toString).orElse(null);
    }
    if (path == null) {
      if (mount.required()) {
        throw new JcomposeException.NotFound(
            "no SSH key " + mount.id() + " was given to the build");
      }
      return;
    }
    long agents = mounts.stream().filter(m -> m.target().startsWith("/run/buildkit/")).count();
    String target =
        mount.target() == null ? "/run/buildkit/ssh_agent." + agents : target(mount.target());
    Path socket = Path.of(path);
    if (!isSocket(socket)) {
      throw new JcomposeException.NotSupported(
          "--ssh " + mount.id() + "=" + path + " is an agent's socket no more");
    }
    add(new MountSpec.Bind(socket, target, false, false, false, ""));
    env.add("SSH_AUTH_SOCK=" + target);
  }

  private static boolean isSocket(Path path) {
    try (ForeignFile file = ForeignFile.at(path)) {
      return file.status().type() == FileStatus.Type.SOCKET;
    } catch (KernelException e) {
      return false;
    }
  }

  @Override
  public void close() {
    opened.reversed().forEach(Sources.Opened::close);
    copies.close();
  }
}
