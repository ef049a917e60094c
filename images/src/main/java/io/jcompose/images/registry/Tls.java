package io.jcompose.images.registry;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * TLS as the registry's host wants it: with the {@link Authorities} there are, or without any check
 * for insecure registries. A context is kept until a file that it was made of changes. Thread-safe.
 */
final class Tls {
  private final Authorities authorities;
  private final Map<List<Path>, Verifying> contexts = new ConcurrentHashMap<>();

  Tls(RegistryConfig config) {
    this.authorities = new Authorities(config);
  }

  /**
   * A context.
   *
   * @param state of the files that it was made of
   */
  private record Verifying(String state, SSLContext context) {}

  /** Nobody vouches for the peer's certificate; trying again is of no use. */
  static final class Untrusted extends IOException {
    private static final long serialVersionUID = 1L;

    Untrusted(String message, Throwable cause) {
      super(message, cause);
    }
  }

  SSLSocket wrap(Socket socket, String host, int port, boolean verify) throws IOException {
    SSLContext context = verify ? verifying(host, port) : trusting();
    SSLSocket secure =
        (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
    if (verify) {
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secure.setSSLParameters(parameters);
    }
    try {
      secure.startHandshake();
    } catch (SSLException e) {
      if (isAboutTrust(e)) {
        throw untrusted(host, port, e);
      }
      throw e;
    }
    return secure;
  }

  private static boolean isAboutTrust(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException || cause instanceof CertPathValidatorException) {
        return true;
      }
    }
    return false;
  }

  private Untrusted untrusted(String host, int port, SSLException e) {
    String reason = String.valueOf(e.getMessage());
    boolean unknown = reason.contains("unable to find valid certification path");
    return new Untrusted(
        "the certificate of "
            + host
            + ":"
            + port
            + (unknown ? " is signed by an unknown authority" : " is not valid: " + reason)
            + "; put the authority's certificate into "
            + authorities.place(host, port)
            + " or among the system's (update-ca-certificates)",
        e);
  }

  /** One for all registries without files of their own: it has some hundred authorities. */
  private SSLContext verifying(String host, int port) throws IOException {
    List<Path> directories = authorities.directories(host, port);
    List<Path> files = authorities.files(directories);
    String state = Authorities.state(files);
    Verifying kept = contexts.get(directories);
    if (kept != null && kept.state.equals(state)) {
      return kept.context;
    }
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(Authorities.store(files));
      SSLContext context = context(factory.getTrustManagers());
      contexts.put(directories, new Verifying(state, context));
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("failed to load the certificates for " + host, e);
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
