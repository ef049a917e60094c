package io.jcompose.network.catalog;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The records of networks on disk, one JSON file each. Stateless but for the folder. */
final class NetworkRecords {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private final Path folder;

  NetworkRecords(Path folder) {
    this.folder = folder;
  }

  void write(NetworkRecord record) {
    try {
      StateFile.write(file(record.id()), JSON.writeValueAsBytes(record));
    } catch (JsonProcessingException e) {
      throw new JcomposeException.Internal("failed to write network " + record.spec().name(), e);
    }
  }

  void delete(String id) {
    StateFile.delete(file(id));
  }

  /** All networks that there are records of; deletes what an interrupted write left. */
  List<Network> load() {
    List<Network> networks = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (StateFile.isLeftover(file)) {
          StateFile.delete(file);
        } else if (file.toString().endsWith(".json")) {
          StateFile.load(
                  file,
                  json -> read(file, json),
                  "the network is gone; `up --force-recreate` puts its containers on a new one")
              .ifPresent(networks::add);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to list " + folder, e);
    }
    return networks;
  }

  private Network read(Path file, byte[] json) {
    try {
      NetworkRecord record = JSON.readValue(json, NetworkRecord.class);
      if (record == null || !file(String.valueOf(record.id())).equals(file)) {
        throw new JcomposeException.Corrupt("it names no or another network");
      }
      Network network = new Network(record); // which reads the rest
      requireNonNull(network.view().name());
      requireNonNull(record.bridge());
      return network;
    } catch (IOException e) {
      throw new JcomposeException.Corrupt("no record of a network", e);
    }
  }

  private Path file(String id) {
    return folder.resolve(id + ".json");
  }
}
