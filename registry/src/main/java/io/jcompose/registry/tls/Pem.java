package io.jcompose.registry.tls;

import io.jcompose.core.JcomposeException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Certificates and keys as text (RFC 7468). Stateless. */
public final class Pem {
  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private Pem() {}

  static byte[] of(X509Certificate certificate) {
    try {
      return text("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new JcomposeException.Internal("failed to write a certificate", e);
    }
  }

  static byte[] of(PrivateKey key) {
    return text("PRIVATE KEY", key.getEncoded());
  }

  private static byte[] text(String what, byte[] content) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(what, LINES.encodeToString(content), what)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** The first certificate of a text; Corrupt without one. */
  public static X509Certificate certificate(byte[] text) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(text));
    } catch (CertificateException e) {
      throw new JcomposeException.Corrupt("no certificate: " + e.getMessage(), e);
    }
  }

  /** A key that was made here; Corrupt for anything else. */
  static PrivateKey key(byte[] text) {
    String body =
        new String(text, StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]+-----|\\s", "");
    try {
      return KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new JcomposeException.Corrupt("no private key: " + e.getMessage(), e);
    }
  }
}
