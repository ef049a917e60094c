package io.jcompose.images.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * TLS as the registry's host wants it: with the authorities of certs.d beside the JDK's, or without
 * any check for insecure registries. Contexts are made on first use and kept. Thread-safe.
 */
final class Tls {
  private final List<Path> certificates;
  private final Map<String, SSLContext> contexts = new ConcurrentHashMap<>();

  Tls(RegistryConfig config) {
    this.certificates = config.certificates();
  }

  SSLSocket wrap(Socket socket, String host, int port, boolean verify) throws IOException {
    SSLContext context = contexts.get(verify ? host + ":" + port : "");
    if (context == null) {
      context = verify ? verifying(host, port) : trusting();
      contexts.put(verify ? host + ":" + port : "", context);
    }
    SSLSocket secure =
        (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
    if (verify) {
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
    }
    secure.startHandshake();
    return secure;
  }

  private SSLContext verifying(String host, int port) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      try (InputStream in =
          Files.newInputStream(Path.of(System.getProperty("java.home"), "lib/security/cacerts"))) {
        store.load(in, null);
      }
      for (Path directory : certificates) {
        addAll(store, directory.resolve(host + ":" + port));
        addAll(store, directory.resolve(host));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return context(factory.getTrustManagers());
    } catch (GeneralSecurityException e) {
      throw new IOException("failed to load the certificates for " + host, e);
    }
  }

  private static void addAll(KeyStore store, Path directory)
      throws IOException, GeneralSecurityException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".crt")).toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          int number = 0;
          for (Certificate authority :
              CertificateFactory.getInstance("X.509").generateCertificates(in)) {
            store.setCertificateEntry(file + "#" + number++, authority);
          }
        }
      }
    }
  }

  private static SSLContext trusting() throws IOException {
    try {
      return context(new TrustManager[] {new TrustAll()});
    } catch (GeneralSecurityException e) {
      throw new IOException("failed to set up TLS", e);
    }
  }

  private static SSLContext context(TrustManager[] trust) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust, null);
    return context;
  }

  /** For registries that a person has listed as insecure. */
  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
