package io.jcompose.compose;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Feeds changed texts to one {@link FuzzTarget} and keeps those that reach new code, as JaCoCo's
 * agent tells. {@code scripts/fuzz} runs it; the arguments are the target, the seconds, the folder
 * to write to and the folders of the corpus. With 0 seconds it only picks the smallest corpus that
 * reaches as much. Ends with 1 when it found a crash or a hang.
 */
public final class Fuzzer {
  private static final long HANG_CPU_NANOS = 2_000_000_000L;
  private static final int SESSION_BLOCK_BYTES = 60;

  private final FuzzTarget target;
  private final Path out;
  private final List<String> corpus = new ArrayList<>();
  private final Set<String> crashes = new HashSet<>();
  private byte[] coverage = {};
  private long runs;
  private volatile String current = "";
  private volatile long startedCpuNanos;
  private volatile boolean isDone;

  private Fuzzer(FuzzTarget target, Path out) {
    this.target = target;
    this.out = out;
  }

  /** See the class. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    FuzzTarget target =
        Arrays.stream(FuzzTarget.values())
            .filter(known -> known.folder().equals(arguments[0]))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no such target: " + arguments[0]));
    Fuzzer fuzzer = new Fuzzer(target, Path.of(arguments[2]));
    Files.createDirectories(fuzzer.out);
    List<String> seeds = new ArrayList<>();
    for (int i = 3; i < arguments.length; i++) {
      seeds.addAll(texts(Path.of(arguments[i])));
    }
    seeds.sort(Comparator.comparingInt(String::length));
    long seconds = Long.parseLong(arguments[1]);
    // As small a stack as the engine's threads have.
    Thread worker = new Thread(null, () -> fuzzer.work(seeds, seconds), "fuzz", 256 * 1024);
    worker.start();
    fuzzer.watch(worker);
    System.out.printf(
        "%s: %d runs, %d inputs reach new code, %d problems%n",
        target.folder(), fuzzer.runs, fuzzer.corpus.size(), fuzzer.crashes.size());
    System.exit(fuzzer.crashes.isEmpty() ? 0 : 1);
  }

  private static List<String> texts(Path folder) throws IOException {
    List<String> texts = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        try {
          texts.add(Files.readString(file));
        } catch (CharacterCodingException e) {
          texts.add(Files.readString(file, StandardCharsets.ISO_8859_1));
        }
      }
    }
    return texts;
  }

  private void work(List<String> seeds, long seconds) {
    try {
      for (String seed : seeds) {
        attempt(seed);
      }
      Random random = new Random();
      FuzzMutator mutator = new FuzzMutator(random);
      if (corpus.isEmpty()) {
        corpus.add("");
      }
      long end = System.nanoTime() + seconds * 1_000_000_000L;
      while (System.nanoTime() < end) {
        attempt(mutator.next(corpus));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } finally {
      isDone = true;
    }
  }

  private void attempt(String text) throws IOException {
    current = text;
    startedCpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    runs++;
    try {
      target.run(text);
    } catch (Throwable e) {
      report(e, text);
    }
    startedCpuNanos = Long.MAX_VALUE;
    byte[] now = coverage();
    if (!Arrays.equals(now, coverage)) {
      coverage = now;
      corpus.add(text);
      keep("input", text);
    }
  }

  private void report(Throwable e, String text) throws IOException {
    StackTraceElement[] frames = e.getStackTrace();
    String where = frames.length == 0 ? "" : frames[0].toString();
    if (crashes.add(e.getClass() + where) && crashes.size() <= 50) {
      System.out.println("crash, kept as " + keep("crash", text) + ": " + e);
      Arrays.stream(frames).limit(8).forEach(frame -> System.out.println("  at " + frame));
    }
  }

  private Path keep(String kind, String text) throws IOException {
    Path file = out.resolve("%s-%08x".formatted(kind, text.hashCode()));
    return Files.writeString(
        file, new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
  }

  private void watch(Thread worker) throws InterruptedException, IOException {
    while (!isDone) {
      worker.join(500);
      long spent =
          ManagementFactory.getThreadMXBean().getThreadCpuTime(worker.threadId()) - startedCpuNanos;
      if (spent > HANG_CPU_NANOS && !isDone) {
        System.out.println("hang, kept as " + keep("hang", current));
        Arrays.stream(worker.getStackTrace())
            .limit(30)
            .forEach(frame -> System.out.println("  at " + frame));
        System.exit(1);
      }
    }
  }

  /** All code reached until now; empty without the agent. */
  private static byte[] coverage() {
    try {
      Object agent = Class.forName("org.jacoco.agent.rt.RT").getMethod("getAgent").invoke(null);
      Method data =
          Class.forName("org.jacoco.agent.rt.IAgent").getMethod("getExecutionData", boolean.class);
      byte[] bytes = (byte[]) data.invoke(agent, false);
      // What comes first holds the time.
      return Arrays.copyOfRange(bytes, Math.min(SESSION_BLOCK_BYTES, bytes.length), bytes.length);
    } catch (ReflectiveOperationException e) {
      return new byte[0];
    }
  }
}
