package io.jcompose.registry.tls;

import io.jcompose.core.file.StateFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An authority of this registry alone, in a directory: clients trust it once, and what the server
 * shows may change with its names and the years. Confined to its registry.
 */
public final class OwnAuthority {
  private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);

  /** Apple's clients take no longer ones. */
  private static final Duration SERVER_LIFE = Duration.ofDays(397);

  private static final Duration RENEWAL = Duration.ofDays(60);
  private static final String LOSS = "it is made anew, and clients are to trust it again";

  private final Path directory;

  public OwnAuthority(Path directory) {
    this.directory = directory;
  }

  /** What clients are to trust, as PEM; empty before there is one. */
  public Optional<byte[]> certificate() {
    return StateFile.read(directory.resolve("ca.crt"));
  }

  /**
   * What the server shows: made at the first start, when other names are wanted, and in time before
   * it ends.
   *
   * @param hosts names and addresses
   */
  public Identity identity(List<String> hosts) {
    Optional<Identity> present = present();
    if (present.isPresent() && isGood(present.get(), hosts)) {
      return present.get();
    }
    Authority authority = authority();
    KeyPair keys = CertificateMaker.keys();
    X509Certificate server =
        CertificateMaker.server(
            keys.getPublic(), hosts, SERVER_LIFE, authority.certificate, authority.key);
    Identity made = new Identity(Pem.of(server), Pem.of(keys.getPrivate()));
    StateFile.write(directory.resolve("server.pem"), Der.joined(made.certificate(), made.key()));
    return made;
  }

  private record Authority(X509Certificate certificate, PrivateKey key) {}

  /** One file has both, so that no crash leaves a key without its certificate. */
  private Authority authority() {
    return StateFile.load(
            directory.resolve("ca.pem"),
            text -> new Authority(Pem.certificate(text), Pem.key(keyOf(text))),
            LOSS)
        .map(this::shown)
        .orElseGet(this::made);
  }

  private Authority made() {
    KeyPair keys = CertificateMaker.keys();
    X509Certificate own =
        CertificateMaker.authority(keys, "jcompose registry authority", AUTHORITY_LIFE);
    StateFile.write(
        directory.resolve("ca.pem"), Der.joined(Pem.of(own), Pem.of(keys.getPrivate())));
    return shown(new Authority(own, keys.getPrivate()));
  }

  private Authority shown(Authority authority) {
    StateFile.write(directory.resolve("ca.crt"), Pem.of(authority.certificate));
    return authority;
  }

  private Optional<Identity> present() {
    return StateFile.load(
        directory.resolve("server.pem"),
        text -> {
          byte[] key = keyOf(text);
          X509Certificate certificate = Pem.certificate(text);
          Pem.key(key);
          return new Identity(Pem.of(certificate), key);
        },
        "it is made anew");
  }

  private static byte[] keyOf(byte[] text) {
    String all = new String(text, StandardCharsets.US_ASCII);
    int start = Math.max(0, all.indexOf("-----BEGIN PRIVATE KEY-----"));
    return all.substring(start).getBytes(StandardCharsets.US_ASCII);
  }

  private boolean isGood(Identity identity, List<String> hosts) {
    X509Certificate certificate = Pem.certificate(identity.certificate());
    try {
      certificate.checkValidity(Date.from(Instant.now().plus(RENEWAL)));
      Set<String> names = new HashSet<>();
      Collection<List<?>> stated = certificate.getSubjectAlternativeNames();
      for (List<?> name : stated == null ? List.<List<?>>of() : stated) {
        names.add(String.valueOf(name.get(1)));
      }
      return certificate().isPresent() && names.equals(new HashSet<>(hosts));
    } catch (CertificateParsingException e) {
      return false;
    } catch (CertificateException e) { // about to end
      return false;
    }
  }
}
