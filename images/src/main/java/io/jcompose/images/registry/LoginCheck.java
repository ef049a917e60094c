package io.jcompose.images.registry;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.RegistryLogins.Login;
import io.jcompose.images.registry.RegistryFailure.Kind;
import java.io.IOException;
import java.util.Map;

/**
 * Shows a login to a registry, as {@code login} does: by asking for {@code /v2/}, with a token of
 * the registry's token service where it has one. Used once; blocks.
 */
final class LoginCheck {
  private static final int ATTEMPTS = 2;
  private static final int BODY_LIMIT = 8192;

  private final HttpTransport transport;
  private final Endpoint endpoint;

  LoginCheck(HttpTransport transport, Endpoint endpoint) {
    this.transport = transport;
    this.endpoint = endpoint;
  }

  /**
   * What is to be shown from now on: the login itself, or an identity token that was got for it.
   *
   * @throws JcomposeException.PermissionDenied when it is refused
   * @throws JcomposeException.Unavailable when nobody answers who can be believed
   */
  Login with(Login login) {
    String registry = endpoint.credentialKey();
    Authorizer authorizer =
        new Authorizer(
            transport, LoginSource.of(new RegistryLogins.OfCaller(Map.of(registry, login))::find));
    EndpointCaller caller = new EndpointCaller(transport, authorizer);
    EndpointCaller.Call ping = new EndpointCaller.Call("", "GET", "", Map.of());
    try (HttpResponse response = caller.call(endpoint, ping, ATTEMPTS)) {
      response.read(BODY_LIMIT);
      String identity = authorizer.identityToken();
      return identity.isEmpty() ? login : new Login(Login.IDENTITY_TOKEN, identity);
    } catch (RegistryFailure e) {
      throw told(registry, e);
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "failed to log in to " + registry + ": " + e.getMessage(), e);
    }
  }

  private JcomposeException told(String registry, RegistryFailure failure) {
    String place = "failed to log in to " + registry + ": Get \"" + endpoint.base() + "/v2/\": ";
    String why = String.valueOf(failure.getMessage());
    if (failure.kind() != Kind.DENIED) {
      return new JcomposeException.Unavailable(place + why);
    }
    String word = why.startsWith("unauthorized") ? "" : "unauthorized: ";
    return new JcomposeException.PermissionDenied(
        place + word + why + "; check the user's name and password");
  }
}
