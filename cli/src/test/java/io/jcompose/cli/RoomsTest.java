package io.jcompose.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Holds the rooms of the modules, their packages, as ARCHITECTURE.md draws them. */
@AnalyzeClasses(packages = "io.jcompose", importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {
  private static final int MOST_FILES = 26;

  /** Rooms that other modules use beside a module's root; all of what lies at the bottom. */
  private static final Set<String> OPEN =
      Set.of(
          "core.build",
          "core.file",
          "core.git",
          "core.sync",
          "core.time",
          "linux.file",
          "linux.library",
          "linux.mount",
          "linux.netlink",
          "compose.model",
          "images.archive",
          "images.registry",
          "images.repository",
          "api.http");

  @ArchTest
  static final ArchRule othersUseOnlyAModulesRoot = classes().should(new UseOnlyRootsOfOthers());

  @ArchTest
  static final ArchRule roomsHaveNoCycles =
      slices().matching("io.jcompose.(*).(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule classesHaveNoRings =
      slices().assignedFrom(new TopLevelClasses()).should().beFreeOfCycles();

  @ArchTest
  static void noRoomIsAHall(JavaClasses all) {
    Map<String, Long> sizes =
        all.stream()
            .filter(one -> one.isTopLevelClass() && !one.getSimpleName().equals("package-info"))
            .filter(one -> !isGenerated(one))
            .collect(groupingBy(one -> name(one.getPackageName()), counting()));
    assertThat(sizes)
        .isNotEmpty()
        .allSatisfy((room, files) -> assertThat(files).as(room).isLessThanOrEqualTo(MOST_FILES));
  }

  @ArchTest
  static void theMapShowsEveryRoom(JavaClasses all) throws IOException {
    String map = Files.readString(Path.of("../ARCHITECTURE.md"));
    Set<String> rooms =
        all.stream()
            .map(one -> name(one.getPackageName()))
            .map(name -> name.replaceFirst("^compose\\b", "compose-parser").replace('.', '/'))
            .collect(toSet());
    assertThat(rooms)
        .isNotEmpty()
        .allSatisfy(room -> assertThat(map).contains("| `" + room + "` |"));
    assertThat(map.lines().filter(line -> line.matches("\\| `[a-z-]+/[a-z/]+` \\|.*")))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(rooms).contains(line.split("`")[1]));
  }

  /** By record-builder, for a record that has its methods from there. */
  private static boolean isGenerated(JavaClass one) {
    return one.isAnnotatedWith("io.soabase.recordbuilder.core.RecordBuilderGenerated")
        || one.getEnclosingClass().filter(RoomsTest::isGenerated).isPresent();
  }

  private static String name(String packageName) {
    return packageName.replaceFirst("^io\\.jcompose\\.", "");
  }

  private static String module(JavaClass one) {
    return name(one.getPackageName()).split("\\.")[0];
  }

  private static class UseOnlyRootsOfOthers extends ArchCondition<JavaClass> {
    UseOnlyRootsOfOthers() {
      super("use only the root, or an open room, of another module");
    }

    @Override
    public void check(JavaClass user, ConditionEvents events) {
      for (Dependency use : user.getDirectDependenciesFromSelf()) {
        JavaClass used = use.getTargetClass();
        String room = name(used.getPackageName());
        boolean inside =
            used.getPackageName().startsWith("io.jcompose.")
                && room.contains(".")
                && !module(used).equals(module(user))
                && !OPEN.contains(room);
        if (inside) {
          events.add(SimpleConditionEvent.violated(user, use.getDescription()));
        }
      }
    }
  }

  /** One slice a source file's class; nested ones belong to it. */
  private static class TopLevelClasses implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass one) {
      String name = one.getName().replaceFirst("\\$.*", "");
      return !name.startsWith("io.jcompose.") || isGenerated(one)
          ? SliceIdentifier.ignore()
          : SliceIdentifier.of(name);
    }

    @Override
    public String getDescription() {
      return "top-level classes";
    }
  }
}
