package io.jcompose.images.registry;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Where one image is written to in one push: the repository at its registry; mirrors are not asked.
 * Thread-safe; blocks. Its errors are told as docker's, with what to do.
 */
public final class ImageTarget {
  private static final int BODY_LIMIT = 8192;

  private final ImageReference reference;
  private final Endpoint endpoint;
  private final EndpointCaller caller;

  ImageTarget(ImageReference reference, Endpoint endpoint, EndpointCaller caller) {
    this.reference = reference;
    this.endpoint = endpoint;
    this.caller = caller;
  }

  /** True when the repository has the blob. */
  public boolean has(Digest blob) {
    EndpointCaller.Call head = call("HEAD", "/blobs/" + blob, Map.of(), HttpTransport.Content.NONE);
    try (HttpResponse response = caller.call(endpoint, head, endpoint.attempts())) {
      return response.status() / 100 == 2;
    } catch (RegistryFailure e) {
      if (e.kind() == RegistryFailure.Kind.NOT_FOUND) {
        return false;
      }
      throw told(e, "the blob " + blob);
    }
  }

  /**
   * Sends a blob that the repository has not.
   *
   * @param from another repository of the registry that may have it; empty for none
   * @param sent told how many bytes have been sent
   * @return true when the registry took it from there
   */
  public boolean upload(Descriptor blob, Path file, String from, LongConsumer sent) {
    try {
      return new BlobUpload(caller, endpoint, reference.path(), blob, file, sent).send(from);
    } catch (RegistryFailure e) {
      throw told(e, "a blob of " + blob.sizeBytes() + " bytes");
    }
  }

  /**
   * Gives the repository a manifest, under the reference's tag.
   *
   * @throws JcomposeException.Corrupt when the registry has made another one of it
   */
  public void manifest(Descriptor manifest, byte[] body) {
    EndpointCaller.Call put =
        call(
            "PUT",
            "/manifests/" + reference.manifestReference(),
            Map.of("Content-Type", manifest.mediaType()),
            HttpTransport.Content.of(body));
    try (HttpResponse response = caller.call(endpoint, put, endpoint.attempts())) {
      response.read(BODY_LIMIT);
      String digest = response.header("Docker-Content-Digest");
      if (digest != null && !digest.equals(manifest.digest().toString())) {
        throw new JcomposeException.Corrupt(
            "the registry of %s has made another manifest of what it was sent: %s instead of %s"
                .formatted(reference.familiar(), shown(digest), manifest.digest()));
      }
    } catch (RegistryFailure e) {
      throw told(e, "the manifest");
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "failed to push " + reference.familiar() + ": " + e.getMessage(), e);
    }
  }

  private EndpointCaller.Call call(
      String method, String path, Map<String, String> headers, HttpTransport.Content content) {
    return new EndpointCaller.Call(
        Authorizer.Scope.push(reference.path(), ""),
        method,
        reference.path() + path,
        headers,
        content,
        content.length() > 0);
  }

  private JcomposeException told(RegistryFailure failure, String what) {
    String name = reference.familiarName();
    String why = String.valueOf(failure.getMessage());
    String server = reference.domain().equals("docker.io") ? "" : " " + reference.domain();
    return switch (failure.kind()) {
      case DENIED ->
          new JcomposeException.PermissionDenied(
              "push access denied for %s: %s; log in as who may write there by `jcompose login%s`"
                  .formatted(name, why, server));
      case NOT_FOUND ->
          new JcomposeException.NotFound(
              "failed to push %s: %s has no such repository, or lost what was sent: %s; make it there first, if it makes none by itself"
                  .formatted(reference.familiar(), endpoint, why));
      case REFUSED ->
          new JcomposeException.InvalidArgument(
              "failed to push %s: %s does not take %s: %s%s"
                  .formatted(reference.familiar(), endpoint, what, why, advice(why)));
      case LIMITED ->
          new JcomposeException.Unavailable(
              "failed to push %s: toomanyrequests: %s; try later"
                  .formatted(reference.familiar(), why));
      case UNTRUSTED, WRONG_CONTENT, UNREACHABLE ->
          new JcomposeException.Unavailable(
              "failed to push " + reference.familiar() + ": tried " + endpoint + ": " + why);
    };
  }

  private static String advice(String why) {
    return why.startsWith("HTTP 413")
        ? "; the registry, or a proxy before it, limits the size of a request (nginx:"
            + " client_max_body_size)"
        : "";
  }

  private static String shown(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }
}
