package io.jcompose.images.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate authorities that are trusted: those that came with this program, the system's,
 * and those of a registry in certs.d. The system's are where Go's programs look: the files of
 * Debian's and Red Hat's, or what SSL_CERT_FILE and SSL_CERT_DIR name. Immutable.
 */
final class Authorities {
  private static final Logger LOG = LoggerFactory.getLogger(Authorities.class);
  private static final List<Path> SYSTEM =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"));
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----");
  private static final long FILE_LIMIT = 4 << 20;
  private static final int FILES_LIMIT = 1000;

  private final List<Path> certificates;
  private final Function<String, @Nullable String> environment;

  Authorities(RegistryConfig config) {
    this.certificates = config.certificates();
    this.environment = config.environment();
  }

  /** Where a person can put an authority for a registry. */
  String place(String host, int port) {
    Path directory = certificates.isEmpty() ? Path.of("certs.d") : certificates.getLast();
    return directory.resolve(host + ":" + port).resolve("ca.crt").toString();
  }

  /** The directories of certs.d that exist for a registry. */
  List<Path> directories(String host, int port) {
    return certificates.stream()
        .flatMap(root -> Stream.of(root.resolve(host + ":" + port), root.resolve(host)))
        .filter(Files::isDirectory)
        .toList();
  }

  /** The files to be read, the system's and those of the given directories. */
  List<Path> files(List<Path> directories) throws IOException {
    List<Path> files = new ArrayList<>();
    String file = String.valueOf(environment.apply("SSL_CERT_FILE"));
    if (file.equals("null") || file.isEmpty()) {
      files.addAll(SYSTEM);
    } else {
      files.add(Path.of(file));
    }
    String named = environment.apply("SSL_CERT_DIR");
    for (String directory : named == null ? new String[0] : named.split(":")) {
      if (!directory.isEmpty()) {
        files.addAll(in(Path.of(directory), ""));
      }
    }
    for (Path directory : directories) {
      files.addAll(in(directory, ".crt"));
    }
    return files;
  }

  /** Changes when a file does. */
  static String state(List<Path> files) {
    StringBuilder state = new StringBuilder();
    for (Path file : files) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        state.append(file).append(' ').append(now.lastModifiedTime()).append(' ');
        state.append(now.size()).append(' ').append(now.fileKey()).append('\n');
      } catch (IOException e) {
        LOG.debug("{} is not there: {}", file, e.toString());
      }
    }
    return state.toString();
  }

  static KeyStore store(List<Path> files) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    Path own = Path.of(System.getProperty("java.home"), "lib/security/cacerts");
    try (InputStream in = Files.newInputStream(own)) {
      store.load(in, null);
    }
    for (Path file : files) {
      addAll(store, file);
    }
    return store;
  }

  private static List<Path> in(Path directory, String suffix) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(suffix) && Files.isRegularFile(file))
          .limit(FILES_LIMIT)
          .sorted()
          .toList();
    }
  }

  private static void addAll(KeyStore store, Path file)
      throws IOException, GeneralSecurityException {
    if (!Files.isRegularFile(file) || Files.size(file) > FILE_LIMIT) {
      return;
    }
    byte[] content = Files.readAllBytes(file);
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    Matcher texts = CERTIFICATE.matcher(new String(content, StandardCharsets.ISO_8859_1));
    int number = 0;
    while (texts.find()) {
      add(store, factory, texts.group().getBytes(StandardCharsets.ISO_8859_1), file, number++);
    }
    if (number == 0 && content.length > 0 && content[0] == 0x30) { // DER
      add(store, factory, content, file, 0);
    }
  }

  /** One that is wrong does not keep the others from being trusted. */
  private static void add(
      KeyStore store, CertificateFactory factory, byte[] content, Path file, int number)
      throws GeneralSecurityException {
    try {
      store.setCertificateEntry(
          file + "#" + number, factory.generateCertificate(new ByteArrayInputStream(content)));
    } catch (CertificateException e) {
      LOG.warn("certificate {} of {} cannot be read: {}", number + 1, file, e.getMessage());
    }
  }
}
