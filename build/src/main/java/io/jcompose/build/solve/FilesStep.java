package io.jcompose.build.solve;

import io.jcompose.build.context.Copying;
import io.jcompose.build.context.FileList;
import io.jcompose.build.context.FileMode;
import io.jcompose.build.context.Selected;
import io.jcompose.build.instruction.Add;
import io.jcompose.build.instruction.Copy;
import io.jcompose.build.instruction.Heredoc;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Transfer;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.BuildLayer;
import io.jcompose.images.BuildLayers;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.mount.UnionView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** COPY and ADD: files of a tree as a layer. Confined to one thread. */
final class FilesStep {
  private final StageState stage;
  private final Instruction instruction;
  private final Transfer transfer;
  private final @Nullable String from;
  private final String row;
  private final boolean parents;

  FilesStep(StageState stage, Copy copy, String row) {
    this(stage, copy, copy.transfer(), copy.from(), row, copy.parents());
  }

  FilesStep(StageState stage, Add add, String row) {
    this(stage, add, add.transfer(), null, row, false);
  }

  private FilesStep(
      StageState stage,
      Instruction instruction,
      Transfer transfer,
      @Nullable String from,
      String row,
      boolean parents) {
    this.stage = stage;
    this.instruction = instruction;
    this.transfer = transfer;
    this.from = from;
    this.row = row;
    this.parents = parents;
  }

  /** One thing and where it goes. */
  private record Item(Part part, String target) {}

  /** A here-document's file. */
  private record Text(String name, String target, String content) {}

  StageState.Done carryOut() {
    Add add = instruction instanceof Add one ? one : null;
    List<String> words = transfer.sources().stream().map(stage.scope()::expand).toList();
    List<String> excludes = transfer.excludes().stream().map(stage.scope()::expand).toList();
    try (Parts parts = new Parts(stage, from, add, excludes)) {
      List<Item> items = parts.find(words).stream().map(this::item).toList();
      List<Text> texts = texts();
      StageState.Done done =
          stage.step(key(items, texts), row, history(), () -> execute(items, texts));
      stage.image().layered(done.layer(), done.at(), history());
      return done;
    }
  }

  /** Ends with a slash, or is empty, where it is meant as a folder. */
  private String destination() {
    String written = stage.scope().expand(transfer.destination());
    String path = Paths.absolute(stage.image().workingDir(), written);
    boolean directory =
        written.endsWith("/") || written.equals(".") || written.endsWith("/.") || path.equals("/");
    return (path + (directory ? "/" : "")).substring(1);
  }

  private static boolean isFolder(String destination) {
    return destination.isEmpty() || destination.endsWith("/");
  }

  private Item item(Part part) {
    String destination = destination();
    String target = destination.replaceFirst("/+$", "");
    String prefix = target.isEmpty() ? "" : target + "/";
    if (parents) {
      target = prefix + part.files().get().path();
    } else if (!part.archive() && isFolder(destination) && !part.directory()) {
      target = prefix + part.name();
    }
    return new Item(part, target);
  }

  private List<Text> texts() {
    String destination = destination();
    String target = destination.replaceFirst("/+$", "");
    List<Text> texts = new ArrayList<>();
    for (Heredoc file : transfer.files()) {
      String content = file.expand() ? stage.scope().expandText(file.text()) : file.text();
      stage.call().budget().take(content.length());
      String below = (target.isEmpty() ? "" : target + "/") + file.name();
      texts.add(new Text(file.name(), isFolder(destination) ? below : target, content));
    }
    return texts;
  }

  private StepKey key(List<Item> items, List<Text> texts) {
    StepKey key = new StepKey(instruction, stage.image().layers());
    key.add("the destination", destination());
    key.add("--chown", expanded(transfer.chown())).add("--chmod", expanded(transfer.chmod()));
    FileList list = new FileList(stage.call().room());
    List<String> values = new ArrayList<>();
    List<String> targets = new ArrayList<>();
    for (Item item : items) {
      FileList files = item.part.list();
      if (files == null) {
        key.hidden("what is fetched", List.of(item.part.key()));
      } else {
        values.add(item.part.key());
        list.addAll("", files);
      }
      targets.addAll(List.of(item.part.name(), item.target, String.valueOf(item.part.archive())));
    }
    key.files(from == null ? "the files" : "the files of " + from, values, list);
    key.hidden("where the files go", targets);
    for (Text text : texts) {
      key.hidden("<<" + text.name, List.of(text.target, text.content));
    }
    return key;
  }

  private String expanded(@Nullable String raw) {
    return raw == null ? "" : stage.scope().expand(raw);
  }

  private BuildLayer execute(List<Item> items, List<Text> texts) {
    stage.call().report(stage.spec(), row, "Building");
    BuildLayers layers = stage.call().layers();
    BuildLayers.Work work = layers.begin(stage.image().layers());
    boolean written = false;
    try {
      write(work, items, texts);
      written = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!written) {
        layers.discard(work);
      }
    }
    return stage.sealed(work);
  }

  private void write(BuildLayers.Work work, List<Item> items, List<Text> texts) throws IOException {
    try (UnionView view = UnionView.open(work.lower(), work.upper(), work.work());
        DirectoryFd root = view.root()) {
      Copying.Rules rules = new Copying.Rules(owner(root), mode());
      Set<String> written = new HashSet<>();
      for (Item item : items) {
        put(item, root, rules, written);
      }
      for (Text text : texts) {
        put(text, place(root, text.target, text.name, written), root, rules);
      }
    }
  }

  private Copying.@Nullable Owner owner(DirectoryFd root) {
    String user = expanded(transfer.chown());
    return user.isEmpty() ? null : Users.find(root, user);
  }

  private @Nullable FileMode mode() {
    String mode = expanded(transfer.chmod());
    return mode.isEmpty() ? null : FileMode.parse(mode);
  }

  /**
   * Where a file comes to lie: in the folder that its target is, if it is one.
   *
   * @param written what the step has written to
   * @throws JcomposeException.InvalidArgument where it would replace another one of the step
   */
  private String place(DirectoryFd root, String target, String name, Set<String> written) {
    if (Copying.isDirectory(root, target)) {
      return target + "/" + name;
    }
    if (!written.add(target) && !isFolder(destination()) && !parents) {
      throw new JcomposeException.InvalidArgument(
          "When using "
              + instruction.keyword()
              + " with more than one source file, the destination must be a directory and end with"
              + " a /");
    }
    return target;
  }

  private void put(Item item, DirectoryFd root, Copying.Rules rules, Set<String> written)
      throws IOException {
    Part part = item.part;
    Selected files = part.files().get();
    Digest copied;
    if (part.archive()) {
      Copying.Owner owner = rules.owner() == null ? Copying.Owner.ROOT : rules.owner();
      Copying.makeDirectories(root, item.target, owner);
      copied = Unpacking.unpack(files, root, item.target, rules.owner(), stage.call().isGivenUp());
    } else {
      String target =
          part.directory() ? item.target : place(root, item.target, part.name(), written);
      copied = Copying.copy(files, root, target, rules, stage.call().isGivenUp());
    }
    if (part.digest() != null) {
      StageState.requireSame(files, part.digest(), copied);
    }
  }

  private static void put(Text text, String target, DirectoryFd root, Copying.Rules rules) {
    int cut = target.lastIndexOf('/');
    String parent = cut < 0 ? "" : target.substring(0, cut);
    Copying.Owner owner = rules.owner() == null ? Copying.Owner.ROOT : rules.owner();
    Copying.makeDirectories(root, parent, owner);
    byte[] name = target.substring(cut + 1).getBytes(StandardCharsets.UTF_8);
    try (DirectoryFd directory = root.openInRoot(parent.getBytes(StandardCharsets.UTF_8))) {
      if (directory.stat(name).isPresent()) {
        directory.unlink(name);
      }
      try (FileFd file = directory.createFile(name, 0600)) {
        byte[] content = text.content.getBytes(StandardCharsets.UTF_8);
        file.write(content, content.length);
        file.chown(owner.uid(), owner.gid());
        file.chmod(rules.mode() == null ? 0644 : rules.mode().of(0644, false));
      }
    }
  }

  /** As BuildKit's: the words expanded, and of the flags only what changes the files. */
  private String history() {
    List<String> words = new ArrayList<>(List.of(instruction.keyword()));
    if (transfer.chown() != null) {
      words.add("--chown=" + expanded(transfer.chown()));
    }
    if (transfer.chmod() != null) {
      words.add("--chmod=" + expanded(transfer.chmod()));
    }
    transfer.sources().forEach(raw -> words.add(stage.scope().expand(raw)));
    transfer.files().forEach(file -> words.add("<<" + file.name()));
    words.add(stage.scope().expand(transfer.destination()));
    return String.join(" ", words) + " # buildkit";
  }
}
