package io.jcompose.engine.record;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/**
 * Container records as JSON. Unknown fields are passed over, so that an older engine reads what a
 * newer one wrote.
 */
final class RecordJson {
  private static final ObjectMapper MAPPER = mapper();

  private RecordJson() {}

  /** Without the run. */
  static byte[] write(ContainerRecord record) {
    return write(record.id(), record);
  }

  static byte[] writeRun(ContainerRecord record) {
    return write(record.id(), record.run());
  }

  private static byte[] write(String id, Object record) {
    try {
      return MAPPER.writeValueAsBytes(record);
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to write the record of container " + id, e);
    }
  }

  /** Throws Corrupt when the JSON is no record. */
  static ContainerRecord read(String id, byte[] json) {
    try {
      ContainerRecord record = MAPPER.readValue(json, ContainerRecord.class);
      if (record == null || !record.id().equals(id)) {
        throw new IOException("it names no or another container");
      }
      return record;
    } catch (IOException | RuntimeException e) {
      throw new JcomposeException.Corrupt("damaged record of container " + id, e);
    }
  }

  /**
   * Reads a run's own file; and what a container's file holds of a run, where an older engine wrote
   * both in one: {@link RunRecord#NONE} where it holds nothing.
   *
   * @throws JcomposeException.Corrupt when the JSON is no record
   */
  static RunRecord readRun(byte[] json) {
    try {
      RunRecord run = MAPPER.readValue(json, RunRecord.class);
      if (run == null) {
        throw new IOException("it is empty");
      }
      return run;
    } catch (IOException | RuntimeException e) {
      throw new JcomposeException.Corrupt("damaged record of a run", e);
    }
  }

  private static ObjectMapper mapper() {
    SimpleModule texts = new SimpleModule();
    asText(texts, Instant.class, Instant::parse);
    asText(texts, Duration.class, Duration::parse);
    asText(texts, Path.class, Path::of);
    return JsonMapper.builder()
        .addModule(texts)
        .addMixIn(MountSpec.class, MountSpecMixin.class)
        .addMixIn(ContainerRecord.class, WithoutRun.class)
        .defaultPropertyInclusion(
            JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        // Only what a record is made of: no answer that its methods give.
        .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
        .build();
  }

  private static <T> void asText(SimpleModule module, Class<T> type, Function<String, T> parse) {
    module.addSerializer(type, new AsString<>());
    module.addDeserializer(
        type,
        new JsonDeserializer<T>() {
          @Override
          public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
            return parse.apply(in.getText());
          }
        });
  }

  /** A value as its own string, also where its kind would be written beside it. */
  private static final class AsString<T> extends JsonSerializer<T> {
    @Override
    public void serialize(T value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(value.toString());
    }

    @Override
    public void serializeWithType(
        T value, JsonGenerator out, SerializerProvider provider, TypeSerializer typer)
        throws IOException {
      serialize(value, out, provider);
    }
  }

  @JsonIgnoreProperties("run")
  private interface WithoutRun {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = MountSpec.Volume.class, name = "volume"),
    @JsonSubTypes.Type(value = MountSpec.Bind.class, name = "bind"),
    @JsonSubTypes.Type(value = MountSpec.Tmpfs.class, name = "tmpfs")
  })
  private interface MountSpecMixin {}
}
