package io.jcompose.api.template;

import io.jcompose.api.template.Node.Command;
import io.jcompose.api.template.Node.Operand;
import io.jcompose.api.template.Node.Pipeline;
import io.jcompose.api.template.Scanner.Kind;
import io.jcompose.api.template.Scanner.Token;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes nodes of a template's tokens. Confined to one thread. */
final class Parser {
  private static final int DEEPEST = 50;
  private static final Set<String> KEYWORDS =
      Set.of("if", "else", "end", "range", "with", "break", "continue");

  private final List<Token> tokens;
  private int at;
  private int depth;
  private int loops;

  Parser(List<Token> tokens) {
    this.tokens = tokens;
  }

  List<Node> parse() {
    List<Node> nodes = nodes();
    if (at < tokens.size()) {
      throw TemplateError.parsing(tokens.get(at).column(), "unexpected {{" + keyword() + "}}");
    }
    return nodes;
  }

  /** Up to an {@code else} or {@code end}, or the end of all. */
  private List<Node> nodes() {
    if (++depth > DEEPEST) {
      throw TemplateError.parsing(column(), "more than " + DEEPEST + " levels of nesting");
    }
    List<Node> nodes = new ArrayList<>();
    while (at < tokens.size() && !Set.of("else", "end").contains(keyword())) {
      Token token = tokens.get(at);
      nodes.add(token.kind() == Kind.TEXT ? text() : action());
    }
    depth--;
    return nodes;
  }

  private Node text() {
    return new Node.Text(tokens.get(at++).text());
  }

  private Node action() {
    String keyword = keyword();
    if (Set.of("define", "template", "block").contains(keyword)) {
      throw TemplateError.parsing(column(), "{{" + keyword + "}} is not supported");
    }
    at++;
    if (KEYWORDS.contains(keyword)) {
      skipSpace();
      at++;
    }
    return switch (keyword) {
      case "if" -> condition(false);
      case "with" -> condition(true);
      case "range" -> loop();
      case "break", "continue" -> leave(keyword);
      default -> new Node.Action(closed(pipeline()));
    };
  }

  private Node leave(String keyword) {
    if (loops == 0) {
      throw TemplateError.parsing(column(), "{{" + keyword + "}} outside {{range}}");
    }
    end();
    return new Node.Leave(keyword.equals("break"));
  }

  private Node condition(boolean rebinds) {
    Pipeline pipeline = closed(pipeline());
    List<Node> then = nodes();
    List<Node> otherwise = List.of();
    String keyword = take();
    if (keyword.equals("else")) {
      String next = word();
      if (next.equals("if") || next.equals("with")) {
        skipSpace();
        at++;
        if (++depth > DEEPEST) {
          throw TemplateError.parsing(column(), "more than " + DEEPEST + " branches");
        }
        otherwise = List.of(condition(next.equals("with")));
        depth--;
        return new Node.Condition(pipeline, rebinds, then, otherwise);
      }
      end();
      otherwise = nodes();
      keyword = take();
    }
    requireEnd(keyword);
    return new Node.Condition(pipeline, rebinds, then, otherwise);
  }

  private Node loop() {
    Pipeline pipeline = closed(pipeline());
    loops++;
    List<Node> body = nodes();
    loops--;
    List<Node> otherwise = List.of();
    String keyword = take();
    if (keyword.equals("else")) {
      end();
      otherwise = nodes();
      keyword = take();
    }
    requireEnd(keyword);
    return new Node.Loop(pipeline, body, otherwise);
  }

  /** Passes the beginning of an {@code else} or {@code end}. */
  private String take() {
    String keyword = at < tokens.size() ? keyword() : "";
    if (!keyword.isEmpty()) {
      at++;
      skipSpace();
      at++;
    }
    return keyword;
  }

  private void requireEnd(String keyword) {
    if (!keyword.equals("end")) {
      throw TemplateError.parsing(column(), "unexpected EOF: {{end}} is missing");
    }
    end();
  }

  private Pipeline closed(Pipeline pipeline) {
    end();
    return pipeline;
  }

  private void end() {
    skipSpace();
    Token token = next();
    if (token.kind() != Kind.END) {
      throw TemplateError.parsing(token.column(), "unexpected \"" + token.text() + "\" in action");
    }
  }

  private Pipeline pipeline() {
    List<String> variables = new ArrayList<>();
    boolean declares = variables(variables);
    List<Command> commands = new ArrayList<>();
    do {
      commands.add(command());
    } while (passes("|"));
    return new Pipeline(variables, declares, commands);
  }

  /** Reads {@code $a, $b :=} when it is there. */
  private boolean variables(List<String> variables) {
    int start = at;
    do {
      skipSpace();
      if (at >= tokens.size() || !tokens.get(at).text().startsWith("$")) {
        break;
      }
      variables.add(next().text());
    } while (passes(","));
    boolean declares = passes(":=");
    if (!declares && (variables.isEmpty() || !passes("="))) {
      variables.clear();
      at = start;
    }
    return declares;
  }

  private boolean passes(String mark) {
    int start = at;
    skipSpace();
    if (at < tokens.size() && tokens.get(at).is(mark)) {
      at++;
      return true;
    }
    at = start;
    return false;
  }

  private Command command() {
    List<Operand> operands = new ArrayList<>();
    skipSpace();
    while (at < tokens.size() && isOperand(tokens.get(at))) {
      operands.add(operand());
      skipSpace();
    }
    if (operands.isEmpty()) {
      throw TemplateError.parsing(column(), "missing value for command");
    }
    return new Command(operands);
  }

  private static boolean isOperand(Token token) {
    return token.kind() == Kind.WORD || token.kind() == Kind.STRING || token.is("(");
  }

  private Operand operand() {
    Token token = next();
    if (token.kind() == Kind.STRING) {
      return new Operand.Literal(token.text(), token.column());
    }
    return token.is("(") ? inner(token.column()) : word(token);
  }

  private Operand inner(int column) {
    if (++depth > DEEPEST) {
      throw TemplateError.parsing(column, "more than " + DEEPEST + " levels of nesting");
    }
    Pipeline pipeline = pipeline();
    depth--;
    if (!passes(")")) {
      throw TemplateError.parsing(column(), "unclosed left paren");
    }
    List<String> members = List.of();
    boolean follows = at < tokens.size() && tokens.get(at).kind() == Kind.WORD;
    if (follows && tokens.get(at).text().startsWith(".")) {
      members = members(next(), 1);
    }
    return new Operand.Path("", pipeline, members, column);
  }

  private static Operand word(Token token) {
    String word = token.text();
    char first = word.charAt(0);
    if (first == '.' && (word.length() == 1 || !Character.isDigit(word.charAt(1)))) {
      return new Operand.Path(".", null, members(token, 1), token.column());
    }
    if (first == '$') {
      int dot = word.indexOf('.');
      String name = dot < 0 ? word : word.substring(0, dot);
      List<String> members = dot < 0 ? List.of() : members(token, dot + 1);
      return new Operand.Path(name, null, members, token.column());
    }
    if (Set.of("true", "false", "nil").contains(word)) {
      return new Operand.Literal(word.equals("nil") ? null : word.equals("true"), token.column());
    }
    return Character.isLetter(first) || first == '_'
        ? new Operand.Name(word, token.column())
        : new Operand.Literal(number(token), token.column());
  }

  private static List<String> members(Token token, int from) {
    String rest = token.text().substring(from);
    if (rest.isEmpty()) {
      if (from > 1) {
        throw TemplateError.parsing(token.column(), "nothing after the dot");
      }
      return List.of();
    }
    List<String> members = List.of(rest.split("\\.", -1));
    if (members.contains("")) {
      throw TemplateError.parsing(token.column(), "unexpected <.> in \"" + token.text() + "\"");
    }
    return members;
  }

  private static Object number(Token token) {
    try {
      BigDecimal number = new BigDecimal(token.text());
      return number.scale() <= 0 && token.text().length() < 19
          ? (Object) number.longValueExact()
          : (Object) number.doubleValue();
    } catch (ArithmeticException | NumberFormatException e) {
      throw TemplateError.parsing(token.column(), "bad number syntax: \"" + token.text() + "\"");
    }
  }

  /** The first word of the action that begins here, or empty. */
  private String keyword() {
    int start = at;
    if (tokens.get(at).kind() != Kind.BEGIN) {
      return "";
    }
    at++;
    String word = word();
    at = start;
    return word;
  }

  private String word() {
    int start = at;
    skipSpace();
    @Nullable Token token = at < tokens.size() ? tokens.get(at) : null;
    at = start;
    return token != null && token.kind() == Kind.WORD ? token.text() : "";
  }

  private void skipSpace() {
    while (at < tokens.size() && tokens.get(at).kind() == Kind.SPACE) {
      at++;
    }
  }

  private Token next() {
    if (at >= tokens.size()) {
      throw TemplateError.parsing(column(), "unexpected EOF");
    }
    return tokens.get(at++);
  }

  private int column() {
    return tokens.isEmpty() ? 1 : tokens.get(Math.min(at, tokens.size() - 1)).column();
  }
}
