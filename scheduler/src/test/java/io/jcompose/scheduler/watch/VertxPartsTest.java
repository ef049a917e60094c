package io.jcompose.scheduler.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The root pom.xml leaves out some of what Vert.x depends on. What is left must do: a missing class
 * is only noticed when it is used.
 */
class VertxPartsTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void speaksHttp(HttpVersion version) throws TimeoutException {
    HttpServer server =
        vertx
            .createHttpServer(new HttpServerOptions().setCompressionSupported(true))
            .requestHandler(
                request ->
                    request
                        .body()
                        .onSuccess(
                            body ->
                                request.response().end(request.version() + " " + body.length())))
            .listen(0, "127.0.0.1")
            .await(30, TimeUnit.SECONDS);
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(version).setDecompressionSupported(true));

    Buffer answer =
        client
            .request(HttpMethod.PUT, server.actualPort(), "localhost", "/")
            .compose(request -> request.send(Buffer.buffer(new byte[100_000])))
            .compose(HttpClientResponse::body)
            .await(30, TimeUnit.SECONDS);

    assertThat(answer).hasToString(version + " 100000");
  }

  @Test
  void readsAndWritesJsonByTheJacksonThatIsLeft() {
    JsonObject object = new JsonObject("{\"a\":[1,2]}");

    assertThat(object.mapTo(Parts.class).a()).containsExactly(1, 2);
    assertThat(JsonObject.mapFrom(new Parts(new int[] {3})).encode()).isEqualTo("{\"a\":[3]}");
  }

  record Parts(int[] a) {}
}
