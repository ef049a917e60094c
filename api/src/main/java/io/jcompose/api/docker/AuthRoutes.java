package io.jcompose.api.docker;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.create.Given;
import io.jcompose.api.docker.image.RegistryHeaders;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins.Login;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code POST /auth}: shows a login to its registry; nothing of it is kept. */
final class AuthRoutes {
  private final Images images;

  AuthRoutes(ApiPorts ports) {
    this.images = ports.images();
  }

  /** A login as clients send it; null for what is left out. */
  @JsonNaming(PropertyNamingStrategies.LowerCaseStrategy.class)
  record AuthConfig(
      @Nullable String username,
      @Nullable String password,
      @Nullable String serverAddress,
      @Nullable String identityToken) {}

  void addTo(Routes routes) {
    routes.post("/auth", this::check);
  }

  private void check(Call call) throws IOException {
    AuthConfig asked = call.body(AuthConfig.class);
    if (!Given.text(asked.identityToken()).isEmpty()) {
      throw Refusal.notYet("a login by an identity token");
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    try {
      Login kept =
          images.checkLogin(
              RegistryHeaders.host(Given.text(asked.serverAddress())),
              new Login(Given.text(asked.username()), Given.text(asked.password())));
      answer.put("IdentityToken", kept.isIdentityToken() ? kept.secret() : "");
    } catch (JcomposeException.PermissionDenied e) {
      throw new Refusal(401, Refusal.message(e));
    } catch (JcomposeException.Unavailable e) {
      throw Refusal.unreachable(e);
    }
    answer.put("Status", "Login Succeeded");
    call.json(answer);
  }
}
