package io.jcompose.registry.tls;

import io.jcompose.core.JcomposeException;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes certificates for keys on the curve P-256 (RFC 5280): the JDK reads and checks them, and has
 * no public way to make one. Stateless.
 */
final class CertificateMaker {
  private static final String ECDSA_SHA256 = "1.2.840.10045.4.3.2";
  private static final String COMMON_NAME = "2.5.4.3";
  private static final String SUBJECT_KEY = "2.5.29.14";
  private static final String KEY_USAGE = "2.5.29.15";
  private static final String ALTERNATIVE_NAMES = "2.5.29.17";
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";
  private static final String AUTHORITY_KEY = "2.5.29.35";
  private static final String EXTENDED_USAGE = "2.5.29.37";
  private static final String SERVER = "1.3.6.1.5.5.7.3.1";
  private static final byte[] SIGNS_CERTIFICATES = {0x06}; // and lists of revoked ones
  private static final byte[] SIGNS = {(byte) 0x80};
  private static final int DNS = 2;
  private static final int ADDRESS = 7;
  private static final int KEY_ID_BYTES = 20;
  private static final int SERIAL_BITS = 127;

  private CertificateMaker() {}

  static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new JcomposeException.Internal("no keys on P-256 in this JDK", e);
    }
  }

  /** Of an authority, by itself. */
  static X509Certificate authority(KeyPair keys, String name, Duration life) {
    byte[] extensions =
        Der.sequence(
            extension(BASIC_CONSTRAINTS, true, Der.sequence(Der.TRUE)),
            extension(KEY_USAGE, true, Der.bits(SIGNS_CERTIFICATES, 1)),
            extension(SUBJECT_KEY, false, Der.octets(keyId(keys.getPublic()))));
    return make(name(name), name(name), keys.getPublic(), extensions, life, keys.getPrivate());
  }

  /**
   * Of a server, by an authority.
   *
   * @param hosts names and addresses
   */
  static X509Certificate server(
      PublicKey key,
      List<String> hosts,
      Duration life,
      X509Certificate authority,
      PrivateKey authorityKey) {
    byte[] extensions =
        Der.sequence(
            extension(BASIC_CONSTRAINTS, true, Der.sequence()),
            extension(KEY_USAGE, true, Der.bits(SIGNS, 7)),
            extension(EXTENDED_USAGE, false, Der.sequence(Der.objectId(SERVER))),
            extension(SUBJECT_KEY, false, Der.octets(keyId(key))),
            extension(
                AUTHORITY_KEY,
                false,
                Der.sequence(Der.implicit(0, keyId(authority.getPublicKey())))),
            extension(ALTERNATIVE_NAMES, false, names(hosts)));
    byte[] issuer = authority.getSubjectX500Principal().getEncoded();
    return make(issuer, name("jcompose registry"), key, extensions, life, authorityKey);
  }

  private static X509Certificate make(
      byte[] issuer,
      byte[] subject,
      PublicKey key,
      byte[] extensions,
      Duration life,
      PrivateKey signer) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    byte[] algorithm = Der.sequence(Der.objectId(ECDSA_SHA256));
    // A client's clock may be a little behind.
    byte[] validity =
        Der.sequence(Der.time(now.minus(Duration.ofHours(24))), Der.time(now.plus(life)));
    byte[] content =
        Der.sequence(
            Der.explicit(0, Der.integer(BigInteger.TWO)), // version 3
            Der.integer(new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE)),
            algorithm,
            issuer,
            validity,
            subject,
            key.getEncoded(),
            Der.explicit(3, extensions));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(signer);
      signature.update(content);
      byte[] whole = Der.sequence(content, algorithm, Der.bits(signature.sign(), 0));
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(whole));
    } catch (GeneralSecurityException e) {
      throw new JcomposeException.Internal("failed to make a certificate", e);
    }
  }

  private static byte[] name(String commonName) {
    return Der.sequence(Der.set(Der.sequence(Der.objectId(COMMON_NAME), Der.text(commonName))));
  }

  private static byte[] extension(String id, boolean critical, byte[] value) {
    return critical
        ? Der.sequence(Der.objectId(id), Der.TRUE, Der.octets(value))
        : Der.sequence(Der.objectId(id), Der.octets(value));
  }

  /** RFC 7093 section 2, method 1. */
  private static byte[] keyId(PublicKey key) {
    try {
      return Arrays.copyOf(
          MessageDigest.getInstance("SHA-256").digest(key.getEncoded()), KEY_ID_BYTES);
    } catch (GeneralSecurityException e) {
      throw new JcomposeException.Internal("no SHA-256 in this JDK", e);
    }
  }

  private static byte[] names(List<String> hosts) {
    List<byte[]> names = new ArrayList<>();
    for (String host : hosts) {
      names.add(
          isAddress(host)
              ? Der.implicit(ADDRESS, address(host))
              : Der.implicit(DNS, host.getBytes(StandardCharsets.US_ASCII)));
    }
    return Der.sequence(names.toArray(byte[][]::new));
  }

  /** True for what no name server has to be asked for. */
  static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.matches("[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+");
  }

  private static byte[] address(String host) {
    try {
      return InetAddress.getByName(host).getAddress();
    } catch (UnknownHostException e) {
      throw new JcomposeException.InvalidArgument("no address: " + host, e);
    }
  }
}
