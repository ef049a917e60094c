package io.jcompose.build.solve;

import io.jcompose.build.context.FileList;
import io.jcompose.build.context.Scratch;
import io.jcompose.build.context.Selected;
import io.jcompose.build.context.Source;
import io.jcompose.build.context.TreeDigest;
import io.jcompose.build.fetch.Fetcher;
import io.jcompose.build.fetch.GitSource;
import io.jcompose.build.fetch.WebSource;
import io.jcompose.build.ignore.IgnoreFile;
import io.jcompose.build.instruction.Add;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.GivenUp;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.ForeignFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what COPY and ADD copy: in trees that are here, and elsewhere, from where it is fetched
 * into a folder that goes with the step. What its word names for sure is fetched only when the step
 * is carried out. Confined to one thread.
 */
final class Parts implements AutoCloseable {
  private static final String FILE = "file";

  private final StageState stage;
  private final @Nullable String from;
  private final @Nullable Add add;
  private final List<String> excludes;
  private final List<Sources.Opened> opened = new ArrayList<>();
  private @Nullable Source local;
  private final Scratch scratch;

  /**
   * @param from as {@link Sources#open} has it
   * @param add null for COPY
   * @param excludes patterns of what is left out
   */
  Parts(StageState stage, @Nullable String from, @Nullable Add add, List<String> excludes) {
    this.stage = stage;
    this.from = from;
    this.add = add;
    this.excludes = excludes;
    this.scratch = new Scratch(stage.call().site().scratch(), "fetched-");
  }

  /** What all of an instruction's source words name. */
  List<Part> find(List<String> words) {
    String checksum = checksum();
    if (!checksum.isEmpty() && words.size() != 1) {
      throw new JcomposeException.InvalidArgument(
          "checksum can't be specified for multiple sources");
    }
    List<Part> parts = new ArrayList<>();
    for (String word : words) {
      boolean git = GitSource.accepts(word) && !word.startsWith("github.com/");
      if (git || WebSource.accepts(word)) {
        parts.add(remote(word, git, checksum));
      } else if (!checksum.isEmpty()) {
        throw new JcomposeException.InvalidArgument("checksum requires HTTP(S) or Git sources");
      } else {
        parts.addAll(local(word));
      }
    }
    return parts;
  }

  private String checksum() {
    return add == null || add.checksum() == null ? "" : stage.scope().expand(add.checksum());
  }

  private List<Part> local(String word) {
    if (local == null) {
      Sources.Opened source = stage.sources().open(from);
      opened.add(source);
      local = source.source();
    }
    boolean unpacks = add != null && !Boolean.FALSE.equals(add.unpack());
    IgnoreFile patterns = IgnoreFile.of(excludes);
    return Selected.find(local, word).stream()
        .map(one -> excludes.isEmpty() ? one : one.without(patterns))
        .filter(one -> !one.isExcluded())
        .map(one -> here(one, one.name(), unpacks, ""))
        .toList();
  }

  private Part here(Selected one, String name, boolean unpacks, String more) {
    TreeDigest.Seen seen = stage.seen(one);
    boolean archive = unpacks && Unpacking.isArchive(one);
    String key = seen.digest().hex() + more;
    return new Part(
        name, one.isDirectory(), archive, key, listed(one, seen), seen.digest(), () -> one);
  }

  /** The files by their paths in what they come from. */
  private FileList listed(Selected one, TreeDigest.Seen seen) {
    FileList list = new FileList(stage.call().room());
    list.addAll(one.path(), seen.files());
    return list;
  }

  private Part remote(String word, boolean git, String checksum) {
    if (add == null) {
      throw new JcomposeException.InvalidArgument(
          git ? "source can't be a git ref for COPY" : "source can't be a URL for COPY");
    }
    if (git) {
      return repository(GitSource.parse(word).checked(checksum).keeping(add.keepGitDir()));
    }
    return file(
        new WebSource(word),
        checksum.isEmpty() ? null : Digest.parse(checksum),
        Boolean.TRUE.equals(add.unpack()));
  }

  private Part file(WebSource source, @Nullable Digest checksum, boolean unpacks) {
    if (checksum != null && !unpacks) {
      String key = "web " + checksum;
      return new Part(
          source.name(), false, false, key, null, null, () -> fetched(source, checksum));
    }
    Selected file = fetched(source, checksum);
    try (ForeignFile open = file.open()) {
      return here(file, source.name(), unpacks, " " + open.status().mtimeSeconds());
    }
  }

  private Selected fetched(WebSource source, @Nullable Digest checksum) {
    Path made = scratch.inner();
    fetcher().file(source, made.resolve(FILE), checksum, givenUp());
    return Selected.exact(opened(made, source.url()), FILE);
  }

  private Part repository(GitSource source) {
    String commit = fetcher().commit(source, agent(), givenUp());
    StepKey key = new StepKey("git", "", List.of());
    key.add("commit", commit).add("folder", source.reference().folder());
    key.add("keeps", String.valueOf(source.keepsGitDir())).hidden("excludes", excludes);
    return new Part("", true, false, key.text(), null, null, () -> checkedOut(source, commit));
  }

  private Selected checkedOut(GitSource source, String commit) {
    Path made = scratch.inner();
    fetcher().tree(source, commit, agent(), made, givenUp());
    Source tree = opened(made, source.reference().remote());
    Selected inside = Selected.exact(tree, source.reference().folder());
    if (!inside.isDirectory()) {
      throw new JcomposeException.InvalidArgument(
          "/" + inside.path() + " of " + source.reference().remote() + " is no folder");
    }
    return excludes.isEmpty() ? inside : inside.without(IgnoreFile.of(excludes));
  }

  private @Nullable String agent() {
    return stage.spec().ssh().get("default");
  }

  private Fetcher fetcher() {
    return stage.call().site().fetcher();
  }

  private GivenUp givenUp() {
    return stage.call().isGivenUp();
  }

  private Source opened(Path made, String name) {
    DirectoryFd root = DirectoryFd.open(made);
    Source source = Source.ofFolder(root, name);
    opened.add(new Sources.Opened(source, root::close));
    return source;
  }

  @Override
  public void close() {
    opened.reversed().forEach(Sources.Opened::close);
    scratch.close();
  }
}
