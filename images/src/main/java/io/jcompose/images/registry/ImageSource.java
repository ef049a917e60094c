package io.jcompose.images.registry;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Manifest;
import io.jcompose.images.oci.MemoryBudget;
import io.jcompose.images.registry.RegistryFailure.Kind;
import io.jcompose.linux.library.NativeSha256;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one image is read from in one pull: the mirrors of its registry, then the registry. What is
 * small is verified here; a mirror that served something wrong is not asked again. Thread-safe;
 * blocks.
 */
public final class ImageSource {
  private static final Logger LOG = LoggerFactory.getLogger(ImageSource.class);
  private static final String ACCEPT =
      "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.docker.distribution.manifest.v2+json";
  private static final int BODY_ATTEMPTS = 3;

  private final ImageReference reference;
  private final Supplier<List<Endpoint>> endpoints;
  private final EndpointCaller caller;
  private final MemoryBudget budget;
  private final Set<Endpoint> distrusted = ConcurrentHashMap.newKeySet();

  ImageSource(
      ImageReference reference,
      Supplier<List<Endpoint>> endpoints,
      EndpointCaller caller,
      MemoryBudget budget) {
    this.reference = reference;
    this.endpoints = endpoints;
    this.caller = caller;
    this.budget = budget;
  }

  /**
   * A small document, verified. It holds a part of the memory for documents until it is closed.
   *
   * @param descriptor its digest; the size is 0 when the registry did not tell
   * @param body null when only its digest was asked for
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Document(Descriptor descriptor, byte @Nullable [] body, MemoryBudget.Share share)
      implements AutoCloseable {
    @Override
    public void close() {
      share.close();
    }
  }

  /**
   * A blob that begins to come, not verified.
   *
   * @param mirror what {@link #distrust} takes when it is wrong; null for the registry itself
   */
  public record Blob(HttpResponse response, @Nullable Object mirror) {}

  /** Reads one answer. */
  private interface Reader<T> {
    T read(HttpResponse response) throws IOException;
  }

  /** Finds out the reference's present digest without fetching, where the registry tells. */
  public Document resolve() {
    String path = reference.path() + "/manifests/" + reference.manifestReference();
    return ask(
        endpoint -> {
          Document head = head(endpoint, path);
          return head != null ? head : read(endpoint, path, this::manifest);
        });
  }

  /**
   * Fetches a manifest or index by digest.
   *
   * @throws JcomposeException.Corrupt when the registry sends another one
   */
  public Document manifest(Digest digest) {
    String path = reference.path() + "/manifests/" + digest;
    return ask(
        endpoint -> read(endpoint, path, response -> verified(response, "manifest", digest)));
  }

  /**
   * Fetches a small blob whole.
   *
   * @throws JcomposeException.Corrupt when the registry sends another one
   */
  public Document smallBlob(Digest digest) {
    String path = reference.path() + "/blobs/" + digest;
    return ask(endpoint -> read(endpoint, path, response -> verified(response, "blob", digest)));
  }

  /**
   * Opens a blob from a byte on; 206 when it begins there, 200 when it begins at 0. The caller
   * closes the answer.
   *
   * @throws IOException when nobody answers just now; another attempt may help
   */
  public Blob blob(Digest digest, long offset) throws IOException {
    Map<String, String> range = offset > 0 ? Map.of("Range", "bytes=" + offset + "-") : Map.of();
    EndpointCaller.Call call = call("GET", reference.path() + "/blobs/" + digest, range);
    try {
      return askAll(
          endpoint ->
              new Blob(
                  caller.call(endpoint, call, endpoint.attempts()),
                  endpoint.mirror() ? endpoint : null));
    } catch (AllFailed e) {
      if (e.kind() == Kind.UNREACHABLE) {
        throw new IOException(e.tried(), e);
      }
      throw e.told();
    }
  }

  /** True when the registry says that its repository has a blob; false too when it says nothing. */
  public boolean hasBlob(Digest digest) {
    EndpointCaller.Call call = call("HEAD", reference.path() + "/blobs/" + digest, Map.of());
    try {
      return ask(
          endpoint -> {
            try (HttpResponse response = caller.call(endpoint, call, 1)) {
              return response.status() == 200;
            }
          });
    } catch (JcomposeException e) {
      LOG.debug("HEAD {} of {}: {}", digest, reference, e.getMessage());
      return false;
    }
  }

  /**
   * Leaves a mirror out from now on.
   *
   * @param mirror as {@link Blob} has it
   * @return true when it was trusted before
   */
  public boolean distrust(@Nullable Object mirror, String why) {
    boolean isNew = mirror instanceof Endpoint endpoint && distrusted.add(endpoint);
    if (isNew) {
      LOG.warn("{} is left out of the pull of {}: {}", mirror, reference.familiar(), why);
    }
    return isNew;
  }

  private EndpointCaller.Call call(String method, String path, Map<String, String> headers) {
    return new EndpointCaller.Call(reference.path(), method, path, headers);
  }

  /** Null when the answer to HEAD does not help: some answer it otherwise than GET. */
  private @Nullable Document head(Endpoint endpoint, String path) {
    EndpointCaller.Call call = call("HEAD", path, Map.of("Accept", ACCEPT));
    try (HttpResponse response = caller.call(endpoint, call, 1)) {
      String digest = response.header("Docker-Content-Digest");
      String type = response.header("Content-Type");
      return digest == null || type == null
          ? null
          : new Document(new Descriptor(type, parse(digest), 0), null, () -> {});
    } catch (RegistryFailure | JcomposeException.Corrupt e) {
      LOG.debug("HEAD {} at {}: {}", path, endpoint, e.getMessage());
      return null;
    }
  }

  private Document read(Endpoint endpoint, String path, Reader<Document> reader)
      throws RegistryFailure {
    EndpointCaller.Call call = call("GET", path, Map.of("Accept", ACCEPT));
    IOException broken = new IOException("not tried");
    for (int attempt = 0; attempt < BODY_ATTEMPTS; attempt++) {
      try (HttpResponse response = caller.call(endpoint, call, endpoint.attempts())) {
        return reader.read(response);
      } catch (IOException e) {
        broken = e;
      }
    }
    throw new RegistryFailure(Kind.UNREACHABLE, String.valueOf(broken.getMessage()));
  }

  /** What a tag names now: it must be a manifest or index, for there is no digest to hold it to. */
  private Document manifest(HttpResponse response) throws IOException {
    Document document = document(response, "manifest");
    byte[] body = Objects.requireNonNull(document.body);
    try (MemoryBudget.Share _ = budget.document(body.length)) {
      Manifest.of(body);
      return document;
    } catch (RuntimeException e) {
      document.close();
      throw e;
    }
  }

  private Document verified(HttpResponse response, String what, Digest digest) throws IOException {
    Document document = document(response, what);
    if (digest.isOf(Objects.requireNonNull(document.body))) {
      String type = document.descriptor.mediaType();
      return new Document(
          new Descriptor(type, digest, document.body.length), document.body, document.share);
    }
    document.close();
    throw new JcomposeException.Corrupt(
        what
            + " of "
            + reference.familiar()
            + " does not match its digest: expected "
            + digest
            + ", got "
            + document.descriptor.digest());
  }

  private Document document(HttpResponse response, String what) throws IOException {
    byte[] start = response.read(MemoryBudget.SMALL_DOCUMENT);
    boolean small = start.length < MemoryBudget.SMALL_DOCUMENT;
    MemoryBudget.Share share = budget.fetch(small ? start.length : MemoryBudget.DOCUMENT_LIMIT);
    try {
      byte[] body = small ? start : whole(start, response, what);
      String type = response.header("Content-Type");
      Digest digest = Digest.sha256(NativeSha256.create().digest(body));
      return new Document(
          new Descriptor(type == null ? "" : type, digest, body.length), body, share);
    } catch (IOException | RuntimeException e) {
      share.close();
      throw e;
    }
  }

  private byte[] whole(byte[] start, HttpResponse response, String what) throws IOException {
    byte[] rest = response.read(MemoryBudget.DOCUMENT_LIMIT + 1 - start.length);
    if (start.length + rest.length > MemoryBudget.DOCUMENT_LIMIT) {
      throw new JcomposeException.Corrupt(
          what
              + " of "
              + reference.familiar()
              + " is larger than "
              + MemoryBudget.DOCUMENT_LIMIT
              + " bytes");
    }
    byte[] body = Arrays.copyOf(start, start.length + rest.length);
    System.arraycopy(rest, 0, body, start.length, rest.length);
    return body;
  }

  private static Digest parse(String digest) {
    try {
      return Digest.parse(digest);
    } catch (JcomposeException.InvalidArgument e) {
      throw new JcomposeException.Corrupt("the registry named an invalid digest", e);
    }
  }

  /** One try at one endpoint. */
  private interface Attempt<T> {
    T at(Endpoint endpoint) throws RegistryFailure;
  }

  private <T> T ask(Attempt<T> attempt) {
    try {
      return askAll(attempt);
    } catch (AllFailed e) {
      throw e.told();
    }
  }

  private <T> T askAll(Attempt<T> attempt) throws AllFailed {
    Map<Endpoint, RegistryFailure> failures = new LinkedHashMap<>();
    for (Endpoint endpoint : endpoints.get()) {
      if (distrusted.contains(endpoint)) {
        continue;
      }
      try {
        return attempt.at(endpoint);
      } catch (RegistryFailure e) {
        failures.put(endpoint, e);
      } catch (JcomposeException.Corrupt e) {
        if (!endpoint.mirror()) {
          throw e;
        }
        distrust(endpoint, String.valueOf(e.getMessage()));
        failures.put(
            endpoint, new RegistryFailure(Kind.WRONG_CONTENT, String.valueOf(e.getMessage())));
      }
    }
    throw new AllFailed(reference, failures);
  }
}
