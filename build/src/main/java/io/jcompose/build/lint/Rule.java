package io.jcompose.build.lint;

/** The rules, with the names of Docker's, which people and programs know. */
public enum Rule {
  STAGE_NAME_CASING("StageNameCasing"),
  FROM_AS_CASING("FromAsCasing"),
  NO_EMPTY_CONTINUATION("NoEmptyContinuation"),
  CONSISTENT_INSTRUCTION_CASING("ConsistentInstructionCasing"),
  DUPLICATE_STAGE_NAME("DuplicateStageName"),
  RESERVED_STAGE_NAME("ReservedStageName"),
  JSON_ARGS_RECOMMENDED("JSONArgsRecommended"),
  MAINTAINER_DEPRECATED("MaintainerDeprecated"),
  UNDEFINED_ARG_IN_FROM("UndefinedArgInFrom"),
  WORKDIR_RELATIVE_PATH("WorkdirRelativePath"),
  UNDEFINED_VAR("UndefinedVar"),
  MULTIPLE_INSTRUCTIONS_DISALLOWED("MultipleInstructionsDisallowed"),
  LEGACY_KEY_VALUE_FORMAT("LegacyKeyValueFormat"),
  INVALID_BASE_IMAGE_PLATFORM("InvalidBaseImagePlatform"),
  REDUNDANT_TARGET_PLATFORM("RedundantTargetPlatform"),
  SECRETS_USED_IN_ARG_OR_ENV("SecretsUsedInArgOrEnv"),
  INVALID_DEFAULT_ARG_IN_FROM("InvalidDefaultArgInFrom"),
  FROM_PLATFORM_FLAG_CONST_DISALLOWED("FromPlatformFlagConstDisallowed"),
  COPY_IGNORED_FILE("CopyIgnoredFile"),
  INVALID_DEFINITION_DESCRIPTION("InvalidDefinitionDescription"),
  EXPOSE_PROTO_CASING("ExposeProtoCasing"),
  EXPOSE_INVALID_FORMAT("ExposeInvalidFormat");

  private final String title;

  Rule(String title) {
    this.title = title;
  }

  /** As Docker writes it: {@code StageNameCasing}. */
  public String title() {
    return title;
  }

  /** Whether the rule is applied only where {@code # check=experimental=} asks for it. */
  public boolean isExperimental() {
    return this == INVALID_DEFINITION_DESCRIPTION;
  }
}
