package io.jcompose.images.registry;

import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.registry.RegistryFailure.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sends one blob to a registry (OCI distribution-spec, Pushing blobs): a session, all bytes in one
 * streamed PATCH, and the PUT that names the digest. After a cut the session is asked how much it
 * has, and goes on there; one that is lost begins anew. Used once; blocks.
 */
final class BlobUpload {
  private static final int SESSIONS = 3;
  private static final int CUTS = 5;
  private static final int BODY_LIMIT = 8192;
  private static final int CHUNK = 1 << 17;
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final String BYTES = "application/octet-stream";
  private static final Pattern RANGE = Pattern.compile("(?:bytes[ =])?0-(\\d{1,18})");

  /** Nothing, which must not be sent twice. */
  private static final HttpTransport.Content ONCE =
      new HttpTransport.Content() {
        @Override
        public long length() {
          return 0;
        }

        @Override
        public void writeTo(OutputStream out, Runnable goesOn) {}

        @Override
        public boolean mayRepeat() {
          return false;
        }
      };

  private final EndpointCaller caller;
  private final Endpoint endpoint;
  private final String repository;
  private final Descriptor blob;
  private final Path file;
  private final LongConsumer sent;
  private int cuts;
  private @Nullable URI place;

  /**
   * @param sent told how many bytes the registry has got, as far as is known
   */
  BlobUpload(
      EndpointCaller caller,
      Endpoint endpoint,
      String repository,
      Descriptor blob,
      Path file,
      LongConsumer sent) {
    this.caller = caller;
    this.endpoint = endpoint;
    this.repository = repository;
    this.blob = blob;
    this.file = file;
    this.sent = sent;
  }

  /** The session that was begun is gone, or what it has cannot be told. */
  private static final class Lost extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient RegistryFailure why;

    Lost(RegistryFailure why) {
      super(why);
      this.why = why;
    }
  }

  /**
   * Sends it.
   *
   * @param from another repository of the registry that may have it; empty for none
   * @return true when the registry took it from there
   */
  boolean send(String from) throws RegistryFailure {
    for (int session = 1; ; session++) {
      boolean mounts = session == 1 && !from.isEmpty();
      if (begin(mounts ? from : "")) {
        return mounts;
      }
      try {
        sendAll();
        return false;
      } catch (Lost e) {
        if (isThere()) {
          return false; // only the answer was lost
        }
        if (session == SESSIONS) {
          throw e.why;
        }
      } catch (RegistryFailure | RuntimeException e) {
        giveUp();
        throw e;
      }
    }
  }

  /** True when nothing is to be sent. */
  private boolean begin(String from) throws RegistryFailure {
    String path = repository + "/blobs/uploads/";
    String query = from.isEmpty() ? "" : "?mount=" + blob.digest() + "&from=" + encode(from);
    try (HttpResponse response =
        call(
            "POST",
            path + query,
            from,
            Map.of(),
            HttpTransport.Content.NONE,
            endpoint.attempts())) {
      boolean done = response.status() == 201;
      if (!done) {
        follow(response, endpoint.url(path));
      }
      response.read(BODY_LIMIT);
      return done;
    } catch (RegistryFailure e) {
      if (from.isEmpty()) {
        throw e;
      }
      return begin(""); // this registry mounts nothing, or not from there
    } catch (IOException e) {
      throw new RegistryFailure(Kind.UNREACHABLE, "it begins no upload: " + e.getMessage());
    }
  }

  private void sendAll() throws RegistryFailure, Lost {
    long offset = 0;
    while (true) {
      try {
        if (offset < blob.sizeBytes()) {
          offset = patch(offset);
        }
        if (offset >= blob.sizeBytes()) {
          finish();
          return;
        }
        cut(new RegistryFailure(Kind.UNREACHABLE, "it kept " + offset + " bytes only"));
      } catch (RegistryFailure e) {
        if (!e.kind().mayPass() && e.kind() != Kind.NOT_FOUND) {
          throw e;
        }
        cut(e);
        offset = have(e);
      }
    }
  }

  private void cut(RegistryFailure why) throws RegistryFailure {
    if (++cuts > CUTS) {
      throw why;
    }
    EndpointCaller.pause(FIRST_PAUSE_MILLIS << cuts);
  }

  /** Sends all from an offset on; returns how much the registry has then. */
  private long patch(long offset) throws RegistryFailure {
    Map<String, String> headers =
        offset == 0
            ? Map.of("Content-Type", BYTES)
            : Map.of("Content-Type", BYTES, "Content-Range", offset + "-" + (blob.sizeBytes() - 1));
    try (HttpResponse response = call("PATCH", at(), "", headers, new FileContent(offset), 1)) {
      if (response.status() == 416) {
        throw new RegistryFailure(Kind.UNREACHABLE, "it wants another part of the blob");
      }
      long has = told(response, blob.sizeBytes(), blob.sizeBytes());
      follow(response, URI.create(at()));
      response.read(BODY_LIMIT);
      sent.accept(has);
      return has;
    } catch (IOException e) {
      throw new RegistryFailure(Kind.UNREACHABLE, String.valueOf(e.getMessage()));
    }
  }

  private void finish() throws RegistryFailure {
    String now = at();
    String put =
        now + (now.contains("?") ? "&" : "?") + "digest=" + encode(blob.digest().toString());
    try (HttpResponse response = call("PUT", put, "", Map.of("Content-Type", BYTES), ONCE, 1)) {
      if (response.status() == 416) {
        throw new RegistryFailure(Kind.UNREACHABLE, "it has not all of the blob");
      }
      response.read(BODY_LIMIT);
    } catch (IOException e) {
      throw new RegistryFailure(Kind.UNREACHABLE, String.valueOf(e.getMessage()));
    }
  }

  /** How many bytes the session has. */
  private long have(RegistryFailure why) throws Lost {
    try (HttpResponse response =
        call("GET", at(), "", Map.of(), HttpTransport.Content.NONE, endpoint.attempts())) {
      long has = told(response, 0, -1);
      follow(response, URI.create(at()));
      response.read(BODY_LIMIT);
      if (has < 0 || has > blob.sizeBytes()) {
        throw new Lost(why);
      }
      sent.accept(has);
      return has;
    } catch (RegistryFailure | IOException e) {
      throw new Lost(why);
    }
  }

  /**
   * What the header Range says.
   *
   * @param nothing what {@code 0-0} means, which is one byte, and what registries say of none
   */
  private static long told(HttpResponse response, long nothing, long otherwise) {
    String range = response.header("Range");
    Matcher parts = RANGE.matcher(range == null ? "" : range);
    if (!parts.matches()) {
      return otherwise;
    }
    long last = Long.parseLong(parts.group(1));
    return last == 0 ? nothing : last + 1;
  }

  private boolean isThere() {
    String path = repository + "/blobs/" + blob.digest();
    try (HttpResponse response =
        call("HEAD", path, "", Map.of(), HttpTransport.Content.NONE, endpoint.attempts())) {
      return response.status() / 100 == 2;
    } catch (RegistryFailure e) {
      return false;
    }
  }

  /** Where the session goes on: it may be elsewhere after each answer. */
  private void follow(HttpResponse response, URI from) throws IOException {
    String location = response.header("Location");
    if (location != null) {
      place = Location.of(from, location);
    } else if (place == null) {
      throw new IOException("its answer names no place");
    }
  }

  /** A session that is not used any more; the registry forgets it in time where that fails. */
  private void giveUp() {
    boolean interrupted = Thread.interrupted();
    if (place != null) {
      try (HttpResponse response =
          call("DELETE", at(), "", Map.of(), HttpTransport.Content.NONE, 1)) {
        response.read(BODY_LIMIT);
      } catch (RegistryFailure | IOException | RuntimeException e) {
        Thread.onSpinWait(); // told is why it is given up
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private String at() {
    return String.valueOf(place);
  }

  private HttpResponse call(
      String method,
      String where,
      String from,
      Map<String, String> headers,
      HttpTransport.Content content,
      int attempts)
      throws RegistryFailure {
    boolean patient = !content.mayRepeat();
    return caller.call(
        endpoint,
        new EndpointCaller.Call(
            Authorizer.Scope.push(repository, from), method, where, headers, content, patient),
        attempts);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The blob from an offset on. */
  private final class FileContent implements HttpTransport.Content {
    private final long offset;

    FileContent(long offset) {
      this.offset = offset;
    }

    @Override
    public long length() {
      return blob.sizeBytes() - offset;
    }

    @Override
    public void writeTo(OutputStream out, Runnable goesOn) throws IOException {
      byte[] chunk = new byte[CHUNK];
      long done = offset;
      try (InputStream in = Files.newInputStream(file)) {
        in.skipNBytes(offset);
        while (done < blob.sizeBytes()) {
          int wanted = (int) Math.min(CHUNK, blob.sizeBytes() - done);
          int count = in.readNBytes(chunk, 0, wanted);
          if (count < wanted) {
            throw new IOException(file + " is shorter than its blob");
          }
          out.write(chunk, 0, count);
          done += count;
          goesOn.run();
          sent.accept(done);
        }
      }
    }

    @Override
    public boolean mayRepeat() {
      return false;
    }
  }
}
