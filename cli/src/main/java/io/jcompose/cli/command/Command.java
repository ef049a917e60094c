package io.jcompose.cli.command;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What can be typed of one command: picocli's model of it, in our words. Built by {@link Commands},
 * only for the command that was given; what carries it out is known elsewhere.
 */
public final class Command {
  private final CommandSpec spec = CommandSpec.create();
  private List<String> words = List.of();
  private int leastArguments;
  private int mostArguments = Integer.MAX_VALUE;
  private boolean dockers;
  private String title;

  Command(String name, String usage, String description) {
    title = ("jcompose " + name).strip();
    spec.name(name).usageMessage().customSynopsis(usage).description(description);
    spec.parser()
        .toggleBooleanFlags(false)
        .overwrittenOptionsAllowed(true) // an alias has `-d`, its user types it again
        .expandAtFiles(false)
        .trimQuotes(false);
  }

  Command flag(String description, String... names) {
    return add(newFlag(names), description);
  }

  Command value(String label, String description, String... names) {
    return add(
        OptionSpec.builder(names).type(String.class).arity("1").paramLabel(label), description);
  }

  Command list(String label, String description, String... names) {
    return add(newList(names).paramLabel(label), description);
  }

  /** Flags of Docker Compose that are recognised and refused. */
  Command refused(String why, String... names) {
    IParameterPreprocessor refusal = new Refusal(this::title, why);
    for (String name : names) {
      add(newFlag(name).preprocessor(refusal), "");
    }
    return this;
  }

  /** A flag that Docker Compose still takes without a word in its help, and that does nothing. */
  Command former(String... names) {
    return add(newFlag(names), "");
  }

  /** Options with a value, of Docker Compose, that are recognised and refused. */
  Command refusedValue(String why, String... names) {
    IParameterPreprocessor refusal = new Refusal(this::title, why);
    for (String name : names) {
      add(newList(name).preprocessor(refusal), "");
    }
    return this;
  }

  private static OptionSpec.Builder newFlag(String... names) {
    return OptionSpec.builder(names)
        .type(boolean.class)
        .arity("0..1")
        .preprocessor(FlagValue.INSTANCE);
  }

  private static OptionSpec.Builder newList(String... names) {
    return OptionSpec.builder(names).type(List.class).auxiliaryTypes(String.class).arity("1");
  }

  /** Without a description nothing shows it. */
  private Command add(OptionSpec.Builder option, String description) {
    spec.addOption(option.description(description).hidden(description.isEmpty()).build());
    return this;
  }

  /** Fewer words than these are refused. */
  Command arguments(int least) {
    leastArguments = least;
    return this;
  }

  /** More words than these are refused: they would be passed over. */
  Command atMost(int most) {
    mostArguments = most;
    return this;
  }

  /** The words that its first argument can be. */
  Command words(String... choice) {
    words = List.of(choice);
    return this;
  }

  /**
   * Makes it docker's: its mistakes are told in docker's words, and {@code -h} is no help.
   *
   * @param typed what a person types to mean it
   */
  Command dockers(String typed) {
    dockers = true;
    title = typed;
    spec.parser().allowOptionsAsOptionParameters(true); // as `-e -x` is to docker
    return this;
  }

  /** One that is told of as this one, and carried out by another name. */
  Command called(String name) {
    return new Command(name, usage(), description()).dockers(title);
  }

  /** Makes it a group: its first word is a command of these names. */
  Command group(List<String> names) {
    words = names;
    spec.usageMessage().customSynopsis(String.join("|", names) + " [OPTIONS]");
    return stopAtArguments();
  }

  /** Options end at the first argument: what follows belongs to the container's program. */
  Command stopAtArguments() {
    spec.parser().stopAtPositional(true);
    return this;
  }

  /**
   * The whole of it. That arguments are too few or too many is not in the model: for picocli,
   * options end between two arguments that are both wanted.
   */
  public CommandSpec spec() {
    if (spec.positionalParameters().isEmpty()) {
      if (!spec.optionsMap().containsKey("--help")) {
        add(dockers ? newFlag("--help") : newFlag("-h", "--help"), "");
      }
      spec.addPositional(
          PositionalParamSpec.builder()
              .arity("0..*")
              .type(List.class)
              .auxiliaryTypes(String.class)
              .completionCandidates(words)
              .build());
    }
    return spec;
  }

  public String name() {
    return spec.name();
  }

  /** What a person types to mean it, with the program's name. */
  public String title() {
    return title;
  }

  /** Whether it is told of in docker's words. */
  public boolean isDockers() {
    return dockers;
  }

  /** All names of the option with that key, as docker's messages have them. */
  public String shownName(String key) {
    return spec.options().stream()
        .filter(option -> Options.key(option).equals(key))
        .map(Command::shownNames)
        .findFirst()
        .orElse(key);
  }

  private static String shownNames(OptionSpec option) {
    String last = Options.name(option);
    return Options.names(option).stream()
        .filter(name -> name.length() == 2 || name.equals(last))
        .collect(java.util.stream.Collectors.joining(", "));
  }

  public String description() {
    return spec.usageMessage().description()[0];
  }

  /** What may stand after the name. */
  public String usage() {
    return spec.usageMessage().customSynopsis()[0];
  }

  /** The words that its first argument can be; empty where it is any. */
  public List<String> words() {
    return words;
  }

  /** Whether its first argument is a command, of {@link #words}. */
  public boolean isGroup() {
    return !words.isEmpty() && stopsAtArguments();
  }

  public boolean stopsAtArguments() {
    return spec.parser().stopAtPositional();
  }

  public int leastArguments() {
    return leastArguments;
  }

  public int mostArguments() {
    return mostArguments;
  }

  public boolean hasOption(String name) {
    return spec.optionsMap().containsKey(name);
  }

  /** The options that a person is shown. */
  public List<OptionSpec> shown() {
    List<OptionSpec> shown = new ArrayList<>(spec.options());
    shown.removeIf(OptionSpec::hidden);
    return shown;
  }
}
