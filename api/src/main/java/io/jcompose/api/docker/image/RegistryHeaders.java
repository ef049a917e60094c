package io.jcompose.api.docker.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.RegistryLogins.Login;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Logins that a client sends in headers, base64 of JSON; the caller's own, never the engine's. */
public final class RegistryHeaders {
  private static final int LONGEST = 64 << 10;
  private static final String HUB = "docker.io";

  private RegistryHeaders() {}

  /** {@code X-Registry-Auth}, for one registry. */
  static RegistryLogins auth(Call call, String registry) {
    return new RegistryLogins.OfCaller(
        login(header(call, "x-registry-auth"))
            .map(login -> Map.of(registry, login))
            .orElse(Map.of()));
  }

  /** {@code X-Registry-Config}, by registry. */
  static RegistryLogins config(Call call) {
    Map<String, Login> logins = new LinkedHashMap<>();
    header(call, "x-registry-config")
        .properties()
        .forEach(
            entry ->
                login(entry.getValue())
                    .ifPresent(login -> logins.put(host(entry.getKey()), login)));
    return new RegistryLogins.OfCaller(logins);
  }

  private static JsonNode header(Call call, String name) {
    String header = call.exchange().head().header(name);
    if (header.isEmpty() || header.length() > LONGEST) {
      return JsonText.MAPPER.createObjectNode();
    }
    try {
      String plain = header.replace('-', '+').replace('_', '/').replaceAll("[=\\s]", "");
      return JsonText.MAPPER.readTree(
          new String(Base64.getDecoder().decode(plain), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException | JsonProcessingException e) {
      throw new Refusal(
          400,
          "invalid "
              + (name.endsWith("auth") ? "X-Registry-Auth" : "X-Registry-Config")
              + " header");
    }
  }

  private static Optional<Login> login(JsonNode auth) {
    String token = auth.path("identitytoken").asText("");
    String user = auth.path("username").asText("");
    if (token.isEmpty() && user.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        token.isEmpty()
            ? new Login(user, auth.path("password").asText(""))
            : new Login(Login.IDENTITY_TOKEN, token));
  }

  /** The host of an address, which may be a URL; that of the hub for its many names. */
  public static String host(String address) {
    String host = address.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
    return host.isEmpty() || host.equals("index.docker.io") || host.equals("registry-1.docker.io")
        ? HUB
        : host;
  }
}
