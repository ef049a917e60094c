package io.jcompose.images.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.TreeRemoval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The unpacked layers, {@code snapshots/<name>/fs}, each shared by all images that have it, with a
 * short link {@code l/<few letters>} because mount(2) takes at most a page of options. A directory
 * under its final name is complete; {@code .new-…} and {@code .trash-…} are work that a start
 * sweeps away. Thread-safe for different names; {@code pull.LayerInstaller} keeps two threads off
 * one name.
 */
public final class Snapshots {
  static final String NEW = ".new-";
  static final String TRASH = ".trash-";
  private static final String PACKED = "packed.json";
  private static final int SHORTEST_LINK = 5;

  private final Path root;
  private final Path links;
  private final AtomicLong counter = new AtomicLong(System.currentTimeMillis());
  private final Set<String> inWork = ConcurrentHashMap.newKeySet();

  public Snapshots(Path imagesDir) {
    this.root = imagesDir.resolve("snapshots");
    this.links = imagesDir.resolve("l");
  }

  /**
   * What is known of an unpacked layer beside its files.
   *
   * @param fitted true when something in it is as the layers below have it
   * @param chain names of the snapshots below, to which it was fitted; empty when it was not
   * @param boot the boot in which it was unpacked
   */
  public record Details(long sizeBytes, boolean fitted, List<String> chain, String boot) {}

  public Path files(String name) {
    return root.resolve(name).resolve("fs");
  }

  public boolean exists(String name) {
    return Files.isDirectory(files(name));
  }

  /** A fresh directory to unpack into; {@link #publish} or {@link #delete} it. */
  public Path begin(String name) throws IOException {
    Path work = root.resolve(NEW + counter.incrementAndGet() + "-" + name);
    inWork.add(name(work)); // before it is there, so that no sweep takes it
    Files.createDirectory(work);
    Files.createDirectory(work.resolve("fs"));
    try (DirectoryFd fd = DirectoryFd.open(work)) {
      fd.chmod("fs".getBytes(StandardCharsets.US_ASCII), 0755);
    }
    return work;
  }

  /** Gives an unpacked directory its name; from now on it is complete. */
  public void publish(Path work, String name, Details details) throws IOException {
    if (exists(name) && details(name).isEmpty()) { // lost them, and may be in use
      writeDetails(root.resolve(name), details);
    }
    writeDetails(work, details);
    Files.move(work, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    inWork.remove(name(work));
  }

  private static void writeDetails(Path directory, Details details) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("size", details.sizeBytes).put("boot", details.boot);
    node.put("fitted", details.fitted);
    details.chain.forEach(node.putArray("chain")::add);
    StateFile.writeVolatile(directory.resolve("layer.json"), Json.bytes(node));
  }

  /** Details of a complete snapshot; empty when there is none of that name. */
  public Optional<Details> details(String name) {
    return StateFile.load(
            root.resolve(name).resolve("layer.json"),
            text -> {
              JsonNode node = Json.parse(text, name);
              if (!node.path("size").isIntegralNumber()) {
                throw new JcomposeException.Corrupt("no details of a layer");
              }
              return new Details(
                  node.path("size").asLong(),
                  node.path("fitted").asBoolean()
                      || !node.path("implied").isEmpty(), // the old form
                  Json.texts(node.path("chain")),
                  node.path("boot").asText(""));
            },
            "a pull of the image writes it again")
        .filter(details -> exists(name));
  }

  /** The blob that a layer was packed into here, which may be gone; empty when it never was. */
  Optional<Descriptor> packed(String name) {
    return StateFile.load(
        root.resolve(name).resolve(PACKED),
        text -> Descriptor.of(Json.parse(text, name)),
        "the layer is packed again");
  }

  /** Remembers the blob that a layer was packed into. */
  void packed(String name, Descriptor blob) {
    StateFile.writeVolatile(root.resolve(name).resolve(PACKED), Json.bytes(blob.toJson()));
  }

  /** Moves a directory out of sight, for {@link #delete}; empty when it is gone. */
  public Optional<Path> moveAway(Path directory) {
    Path trash = root.resolve(TRASH + counter.incrementAndGet() + "-" + directory.getFileName());
    inWork.add(name(trash));
    try {
      Files.move(directory, trash, StandardCopyOption.ATOMIC_MOVE);
      return Optional.of(trash);
    } catch (NoSuchFileException e) {
      inWork.remove(name(trash));
      return Optional.empty();
    } catch (IOException e) {
      inWork.remove(name(trash));
      throw new UncheckedIOException("failed to move " + directory + " away", e);
    }
  }

  /** Takes a snapshot and its link out of sight; the returned directory is to be deleted. */
  public Optional<Path> retire(String name) {
    unlink(name);
    return moveAway(root.resolve(name));
  }

  private synchronized void unlink(String name) {
    for (int length = SHORTEST_LINK; length <= name.length(); length++) {
      Path link = links.resolve(name.substring(0, length));
      try {
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(linkTarget(name))) {
          Files.deleteIfExists(link);
          return;
        }
      } catch (IOException e) {
        throw new UncheckedIOException("failed to remove " + link, e);
      }
    }
  }

  /**
   * The short path of a snapshot's files, made when it is missing. One thread at a time: what
   * another has just made must not look like something else that has the name.
   */
  public synchronized Path link(String name) {
    for (int length = SHORTEST_LINK; length <= name.length(); length++) {
      Path link = links.resolve(name.substring(0, length));
      try {
        if (!Files.isSymbolicLink(link)) {
          if (Files.exists(link)) {
            StateFile.setAside(link, "it is no symbolic link");
          }
          Files.createSymbolicLink(link, linkTarget(name));
        }
        if (Files.readSymbolicLink(link).equals(linkTarget(name))) {
          return link;
        }
      } catch (IOException e) {
        throw new UncheckedIOException("failed to make " + link, e);
      }
    }
    throw new JcomposeException.Internal("no short link is free for snapshot " + name);
  }

  /** An empty directory: what lies below an image without layers. */
  public Path empty() {
    try {
      return Files.createDirectories(links.resolve("empty"));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to make " + links.resolve("empty"), e);
    }
  }

  /**
   * What a crash left or nobody owns: all but {@code owned} and what is being worked on here. The
   * caller gives each to {@link #claim} or {@link #retire}.
   */
  public List<Path> strays(Set<String> owned) throws IOException {
    List<Path> strays = new ArrayList<>();
    try (Stream<Path> all = Files.list(root)) {
      all.filter(path -> !owned.contains(name(path)) && !inWork.contains(name(path)))
          .forEach(strays::add);
    }
    return strays;
  }

  /** Takes what an earlier engine has left half deleted, to {@link #delete} it. */
  public Path claim(Path trash) {
    inWork.add(name(trash));
    return trash;
  }

  /** Removes a directory that is not under its final name. */
  public void delete(Path directory) {
    try (DirectoryFd fd = DirectoryFd.open(root)) {
      TreeRemoval.remove(fd, name(directory).getBytes(StandardCharsets.UTF_8));
    } finally {
      inWork.remove(name(directory));
    }
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static Path linkTarget(String name) {
    return Path.of("..", "snapshots", name, "fs");
  }
}
