package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The workflow "content discovery" of the OCI distribution specification, and the catalogue. */
class ContentDiscoveryIT extends RegistryUnderTest {
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");
  private final byte[] config = "{}".getBytes(StandardCharsets.UTF_8);

  private void tags(String name, String... tags) throws Exception {
    pushBlob(name, config);
    for (String tag : tags) {
      assertThat(pushManifest(name, tag, manifest(config, "")).statusCode()).isEqualTo(201);
    }
  }

  private String next(HttpResponse<byte[]> answer) {
    Matcher matcher = NEXT.matcher(header(answer, "Link"));
    return matcher.matches() ? matcher.group(1) : "";
  }

  @Test
  void listsTagsInOrder() throws Exception {
    tags("app", "b", "1", "a", "B", "_x");
    assertThat(text(get("/v2/app/tags/list")))
        .contains("\"name\":\"app\"")
        .contains("\"tags\":[\"1\",\"B\",\"_x\",\"a\",\"b\"]");
    assertRefused(get("/v2/none/tags/list"), 404, "NAME_UNKNOWN");
  }

  @Test
  void listsTagsInParts() throws Exception {
    tags("app", "a", "b", "c", "d", "e");
    List<String> parts = new ArrayList<>();
    for (String path = "/v2/app/tags/list?n=2"; !path.isEmpty(); ) {
      HttpResponse<byte[]> part = get(path);
      parts.add(text(part).replaceFirst(".*\"tags\":\\[([^]]*)].*", "$1"));
      path = next(part);
    }
    assertThat(parts).containsExactly("\"a\",\"b\"", "\"c\",\"d\"", "\"e\"");
    assertThat(text(get("/v2/app/tags/list?last=c"))).contains("[\"d\",\"e\"]");
    assertThat(text(get("/v2/app/tags/list?n=1&last=bb"))).contains("[\"c\"]");
    HttpResponse<byte[]> none = get("/v2/app/tags/list?n=0");
    assertThat(text(none)).contains("\"tags\":[]");
    assertThat(next(none)).isEmpty();
    assertThat(next(get("/v2/app/tags/list?n=5"))).isEmpty();
    for (String wrong : new String[] {"-1", "x", "99999999999"}) {
      assertRefused(get("/v2/app/tags/list?n=" + wrong), 400, "PAGINATION_NUMBER_INVALID");
    }
  }

  @Test
  void listsRepositoriesInParts() throws Exception {
    assertThat(text(get("/v2/_catalog"))).isEqualTo("{\"repositories\":[]}");
    for (String name : new String[] {"team/b", "a", "team/a"}) {
      tags(name, "1");
    }
    HttpResponse<byte[]> part = get("/v2/_catalog?n=2");
    assertThat(text(part)).isEqualTo("{\"repositories\":[\"a\",\"team/a\"]}");
    assertThat(text(get(next(part)))).isEqualTo("{\"repositories\":[\"team/b\"]}");
  }

  private byte[] about(byte[] subject, String type, String annotations) {
    return manifest(
        config,
        ",\"subject\":%s,\"artifactType\":\"%s\",\"annotations\":%s"
            .formatted(descriptor(OCI_MANIFEST, subject), type, annotations));
  }

  @Test
  void listsWhatIsAboutAManifest() throws Exception {
    tags("app", "1");
    byte[] subject = manifest(config, "");
    byte[] signature = about(subject, "app/signature", "{\"by\":\"me\"}");
    byte[] bill = about(subject, "app/bill", "{}");
    pushManifest("app", digest(signature).toString(), signature);
    pushManifest("app", digest(bill).toString(), bill);
    HttpResponse<byte[]> all = get("/v2/app/referrers/" + digest(subject));
    assertThat(all.statusCode()).isEqualTo(200);
    assertThat(header(all, "Content-Type")).isEqualTo(OCI_INDEX);
    assertThat(header(all, "OCI-Filters-Applied")).isEmpty();
    assertThat(text(all))
        .startsWith("{\"schemaVersion\":2,\"mediaType\":\"" + OCI_INDEX + "\"")
        .contains(digest(signature).toString(), digest(bill).toString())
        .contains("\"annotations\":{\"by\":\"me\"}")
        .contains("\"size\":" + signature.length);
    HttpResponse<byte[]> some =
        get("/v2/app/referrers/" + digest(subject) + "?artifactType=app%2Fbill");
    assertThat(header(some, "OCI-Filters-Applied")).isEqualTo("artifactType");
    assertThat(text(some))
        .contains(digest(bill).toString())
        .doesNotContain(digest(signature).toString());
  }

  @Test
  void theTypeOfAReferrerWithoutOneIsItsConfigs() throws Exception {
    tags("app", "1");
    byte[] subject = manifest(config, "");
    byte[] one = manifest(config, ",\"subject\":" + descriptor(OCI_MANIFEST, subject));
    pushManifest("app", "about", one);
    assertThat(text(get("/v2/app/referrers/" + digest(subject))))
        .contains("\"artifactType\":\"" + CONFIG + "\"");
  }

  @Test
  void whatNothingIsAboutHasAnEmptyList() throws Exception {
    for (String name : new String[] {"app", "none"}) {
      HttpResponse<byte[]> answer = get("/v2/" + name + "/referrers/" + digest(config));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(text(answer)).contains("\"manifests\":[]");
      tags("app", "1");
    }
    assertRefused(get("/v2/app/referrers/nonsense"), 400, "DIGEST_INVALID");
  }

  @Test
  void listsReferrersInParts() throws Exception {
    tags("app", "1");
    byte[] subject = manifest(config, "");
    List<String> pushed = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      byte[] one = about(subject, "a/b", "{\"n\":\"" + i + "\"}");
      pushManifest("app", digest(one).toString(), one);
      pushed.add(digest(one).toString());
    }
    StringBuilder found = new StringBuilder();
    int parts = 0;
    for (String path = "/v2/app/referrers/" + digest(subject) + "?n=2&artifactType=a%2Fb";
        !path.isEmpty();
        parts++) {
      HttpResponse<byte[]> part = get(path);
      found.append(text(part));
      path = next(part);
    }
    assertThat(parts).isEqualTo(3);
    assertThat(found).contains(pushed);
  }
}
