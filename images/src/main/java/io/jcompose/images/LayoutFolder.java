package io.jcompose.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.Removal;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.library.NativeSha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * An OCI image layout in a folder of the host, whose first image is read (OCI image-spec,
 * image-layout.md). What it has is brought into the store, and believed when its digest is right.
 * Thread-safe.
 */
final class LayoutFolder {
  private static final int DOCUMENT = 4 << 20;
  private static final int CHUNK = 1 << 17;

  private final Path folder;
  private final ContentStore content;

  LayoutFolder(Path folder, ContentStore content) {
    this.folder = folder;
    this.content = content;
  }

  /**
   * Brings the image's documents into the store.
   *
   * @return of its manifest
   */
  Descriptor manifest(Removal.Lease lease) throws IOException {
    JsonNode index = Json.foreign(document(folder.resolve("index.json")), "index.json");
    Descriptor manifest = Descriptor.of(index.path("manifests").path(0));
    byte[] text = take(manifest, lease);
    take(Descriptor.of(Json.foreign(text, "manifest").path("config")), lease);
    return manifest;
  }

  private byte[] take(Descriptor document, Removal.Lease lease) throws IOException {
    byte[] text = document(path(document.digest()));
    if (!ContentStore.digestOf(text).equals(document.digest())) {
      throw wrong(document.digest());
    }
    lease.add(document.digest());
    content.write(document.digest(), text);
    return text;
  }

  private JcomposeException wrong(Digest digest) {
    return new JcomposeException.Corrupt(path(digest) + " is not what its digest says");
  }

  private Path path(Digest digest) {
    return folder.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
  }

  private static byte[] document(Path file) {
    try {
      return ForeignFile.content(file, DOCUMENT);
    } catch (KernelException e) {
      throw new JcomposeException.NotFound("cannot read " + file + ": " + e.getMessage());
    }
  }

  /** Brings a layer's blob into the store. */
  void bring(Descriptor blob) throws IOException {
    if (content.has(blob.digest(), blob.sizeBytes())) {
      return;
    }
    MessageDigest hash = NativeSha256.create();
    byte[] chunk = new byte[CHUNK];
    try (ContentStore.Scratch scratch = content.scratch();
        ForeignFile file = ForeignFile.at(path(blob.digest()))) {
      try (FileFd in = file.read();
          OutputStream out = Files.newOutputStream(scratch.file())) {
        long left = blob.sizeBytes();
        int count = in.read(chunk);
        while (count > 0 && left >= 0) {
          hash.update(chunk, 0, count);
          out.write(chunk, 0, count);
          left -= count;
          count = in.read(chunk);
        }
      }
      if (!Digest.sha256(hash.digest()).equals(blob.digest())) {
        throw wrong(blob.digest());
      }
      scratch.publish(blob.digest());
    } catch (KernelException e) {
      throw new JcomposeException.NotFound(
          "cannot read " + path(blob.digest()) + ": " + e.getMessage());
    }
  }
}
