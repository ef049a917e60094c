package io.jcompose.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import io.jcompose.cli.terminal.NativeCalls;
import io.jcompose.linux.library.IsalGzipInput;

/** Holds the arrows between modules that ARCHITECTURE.md draws. */
@AnalyzeClasses(packages = "io.jcompose", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule modulesUseOnlyWhatLiesBelow =
      Architectures.layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.jcompose..")
          .layer("core")
          .definedBy("io.jcompose.core..")
          .layer("linux")
          .definedBy("io.jcompose.linux..")
          .layer("compose")
          .definedBy("io.jcompose.compose..")
          .layer("images")
          .definedBy("io.jcompose.images..")
          .layer("volumes")
          .definedBy("io.jcompose.volumes..")
          .layer("network")
          .definedBy("io.jcompose.network..")
          .layer("runtime")
          .definedBy("io.jcompose.runtime..")
          .layer("build")
          .definedBy("io.jcompose.build..")
          .layer("engine")
          .definedBy("io.jcompose.engine..")
          .layer("registry")
          .definedBy("io.jcompose.registry..")
          .layer("scheduler")
          .definedBy("io.jcompose.scheduler..")
          .layer("api")
          .definedBy("io.jcompose.api..")
          .layer("cli")
          .definedBy("io.jcompose.cli..")
          .withOptionalLayers(true)
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("api")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("registry")
          .mayOnlyBeAccessedByLayers("api", "cli")
          .whereLayer("scheduler")
          .mayOnlyBeAccessedByLayers("api", "cli")
          .whereLayer("engine")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("compose")
          .mayOnlyBeAccessedByLayers("scheduler", "api", "cli")
          .whereLayer("build")
          .mayOnlyBeAccessedByLayers("engine", "cli")
          .whereLayer("images")
          .mayOnlyBeAccessedByLayers("build", "engine", "registry", "cli")
          .whereLayer("volumes")
          .mayOnlyBeAccessedByLayers("engine")
          .whereLayer("network")
          .mayOnlyBeAccessedByLayers("engine")
          .whereLayer("runtime")
          .mayOnlyBeAccessedByLayers("engine")
          .whereLayer("core")
          .mayNotAccessAnyLayer()
          .whereLayer("linux")
          .mayOnlyAccessLayers("core");

  @ArchTest
  static final ArchRule modulesHaveNoCycles =
      slices().matching("io.jcompose.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule vertxStaysAbove =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.jcompose.registry..",
              "io.jcompose.scheduler..",
              "io.jcompose.api..",
              "io.jcompose.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.vertx..");

  /** docs/decisions/0020-one-bridge-to-c.md says why. */
  @ArchTest
  static final ArchRule onlyLinuxReachesC =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.jcompose.linux..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jnr.ffi..");

  @ArchTest
  static final ArchRule memoryOfAnArenaIsForOneLibrary =
      noClasses()
          .that()
          .doNotBelongToAnyOf(IsalGzipInput.class)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.lang.foreign..");

  @ArchTest
  static final ArchRule onlyTheCommandLinesTerminalIsNative =
      methods().that().haveModifier(JavaModifier.NATIVE).should().beDeclaredIn(NativeCalls.class);
}
