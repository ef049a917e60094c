package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong in one Dockerfile; the first hundred. */
final class Problems {
  private static final int MOST = 100;

  private final String name;
  private final List<Problem> found = new ArrayList<>();

  Problems(String name) {
    this.name = name;
  }

  void add(Place place, String message) {
    if (found.size() < MOST) {
      found.add(new Problem(place, message));
    }
  }

  /** Throws all of them, in the order of the file, if there are any. */
  void check() {
    if (!found.isEmpty()) {
      found.sort(Comparator.comparingInt(each -> each.place().line()));
      throw new DockerfileException(name, found);
    }
  }
}
