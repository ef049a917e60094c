package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a browser is shown. */
class WebPagesIT extends RegistryUnderTest {
  private Registry registry;
  private final byte[] layer = noise(1, 12_345);

  @BeforeEach
  void start() {
    registry = new Registry(temp.resolve("registry"), repositories);
    base =
        registry
            .serve(new RegistrySettings("127.0.0.1", 0, List.of(), "", "", false, 7, List.of()))
            .address();
  }

  @AfterEach
  @Override
  void close() throws IOException {
    registry.close();
    super.close();
  }

  @Test
  void showsRepositoriesTagsAndLayers() throws Exception {
    assertThat(text(get("/"))).contains("Nothing has been pushed yet");
    byte[] manifest = pushImage("team/app", "1", layer);
    HttpResponse<byte[]> all = get("/");
    assertThat(header(all, "Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(header(all, "Content-Security-Policy")).startsWith("default-src 'none'");
    assertThat(text(all)).contains("<a href=\"/repository/team/app\">team/app</a>");
    assertThat(text(get("/repository/team/app")))
        .contains("docker pull " + base.replace("http://", "") + "/team/app:1")
        .contains("/repository/team/app?tag=1");
    assertThat(text(get("/repository/team/app?tag=1")))
        .contains(digest(manifest).toString(), digest(layer).toString(), "12.3 kB");
  }

  @Test
  void whatIsNotThereIsNotShown() throws Exception {
    pushImage("app", "1", layer);
    for (String path :
        new String[] {
          "/repository/",
          "/repository/none",
          "/repository/../x",
          "/repository/app?tag=2",
          "/repository/app?tag=%3Cscript%3E",
          "/index.html"
        }) {
      assertThat(get(path).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(send("POST", "/", null).statusCode()).isEqualTo(404);
  }

  @Test
  void whatAClientSaysOfUsIsEscaped() throws Exception {
    pushImage("app", "1", layer);
    try (SlowReader reader =
        SlowReader.send(
            Integer.parseInt(base.replaceFirst(".*:", "")),
            "GET /repository/app HTTP/1.1\r\nHost: <script>\r\nConnection: close\r\n\r\n")) {
      assertThat(reader.textOfRest()).doesNotContain("<script>");
    }
  }

  @Test
  void isLockedAsTheRestIs() throws Exception {
    registry.addUser("ann", "secret");
    assertThat(get("/").statusCode()).isEqualTo(401);
  }
}
