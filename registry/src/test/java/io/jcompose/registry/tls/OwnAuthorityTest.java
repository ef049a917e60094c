package io.jcompose.registry.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnAuthorityTest {
  private static final List<String> HOSTS =
      List.of("localhost", "build.lan", "10.1.2.3", "fd00:0:0:0:0:0:0:1");
  @TempDir Path temp;

  /** What a client that trusts the authority finds. */
  private static void verify(byte[] authority, X509Certificate server) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", Pem.certificate(authority));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    X509TrustManager manager = (X509TrustManager) factory.getTrustManagers()[0];
    manager.checkServerTrusted(new X509Certificate[] {server}, "ECDHE_ECDSA");
  }

  @Test
  void whatItMakesIsTrustedByItsOwnCertificate() throws Exception {
    OwnAuthority authority = new OwnAuthority(temp);
    assertThat(authority.certificate()).isEmpty();
    X509Certificate server = Pem.certificate(authority.identity(HOSTS).certificate());
    byte[] own = authority.certificate().orElseThrow();
    verify(own, server);
    assertThat(server.getSubjectAlternativeNames().stream().map(name -> (Object) name.get(1)))
        .containsExactlyInAnyOrderElementsOf(HOSTS.stream().map(host -> (Object) host).toList());
    assertThat(server.getBasicConstraints()).isEqualTo(-1);
    assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(Pem.certificate(own).getBasicConstraints()).isNotNegative();
    assertThat(Pem.certificate(own).getKeyUsage()[5]).isTrue();
  }

  @Test
  void staysTheSameUntilOtherNamesAreWanted() throws Exception {
    OwnAuthority authority = new OwnAuthority(temp);
    byte[] first = authority.identity(HOSTS).certificate();
    byte[] own = authority.certificate().orElseThrow();
    OwnAuthority later = new OwnAuthority(temp);
    assertThat(later.identity(HOSTS).certificate()).isEqualTo(first);
    byte[] other = later.identity(List.of("other.lan")).certificate();
    assertThat(other).isNotEqualTo(first);
    assertThat(later.certificate()).contains(own);
    verify(own, Pem.certificate(other));
  }

  @Test
  void aDamagedFileIsMadeAnew() throws Exception {
    OwnAuthority authority = new OwnAuthority(temp);
    byte[] first = authority.identity(HOSTS).certificate();
    Files.writeString(temp.resolve("server.pem"), "-----BEGIN CERTIFICATE-----\ncut");
    byte[] second = authority.identity(HOSTS).certificate();
    assertThat(second).isNotEqualTo(first);
    Files.writeString(temp.resolve("ca.pem"), "");
    Files.delete(temp.resolve("server.pem"));
    verify(
        new OwnAuthority(temp).identity(HOSTS).certificate().length > 0
            ? authority.certificate().orElseThrow()
            : new byte[0],
        Pem.certificate(authority.identity(HOSTS).certificate()));
  }

  @Test
  void keysAreRootsAlone() throws Exception {
    new OwnAuthority(temp).identity(HOSTS);
    for (String name : new String[] {"ca.pem", "server.pem"}) {
      assertThat(Files.getPosixFilePermissions(temp.resolve(name)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }
}
