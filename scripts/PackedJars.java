import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * Makes the jars of a folder fit for a distribution: {@code java PackedJars.java FOLDER}.
 *
 * <p>Native libraries are taken out. This machine's are laid beside the jars, all others go. The
 * libraries' own way is to unpack them into /tmp at each start, where some hosts allow no programs
 * (noexec), and where a killed process leaves them. {@code java -cp 'FOLDER/*'
 * -Djava.library.path=FOLDER -Djffi.boot.library.path=FOLDER PackedJars.java} loads them, as a
 * test.
 *
 * <p>No jar stays sealed. Classes of a cache (JEP 514) look for their jar where it was when the
 * cache was made. Where it is no more, as on each host that unpacks an archive, the JVM takes the
 * second class of a sealed package for a stranger, and ends before its program begins.
 */
final class PackedJars {
  private static final String NATIVE = ".*\\.(so|dll|jnilib|dylib|a)";

  private static final Attributes.Name SEALED = Attributes.Name.SEALED;

  /** By os.arch: what the jars call this machine. */
  private static final Map<String, List<String>> FOLDERS =
      Map.of(
          "amd64", List.of("jni/x86_64-Linux/", "linux/amd64/"),
          "aarch64", List.of("jni/aarch64-Linux/", "linux/aarch64/"));

  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      Class.forName("com.github.luben.zstd.util.Native").getMethod("load").invoke(null);
      Class.forName("com.kenai.jffi.Internals").getMethod("getErrnoSaveFunction").invoke(null);
      return;
    }
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(arguments[0]), "*.jar")) {
      for (Path jar : jars) {
        take(jar);
      }
    }
  }

  private static void take(Path jar) throws IOException {
    List<String> own = FOLDERS.get(System.getProperty("os.arch"));
    Path copy = jar.resolveSibling(jar.getFileName() + ".new");
    try (JarFile in = new JarFile(jar.toFile())) {
      Manifest manifest = in.getManifest();
      boolean sealed = manifest != null && manifest.getMainAttributes().remove(SEALED) != null;
      if (!sealed && in.stream().noneMatch(entry -> entry.getName().matches(NATIVE))) {
        return;
      }
      try (OutputStream file = Files.newOutputStream(copy);
          JarOutputStream out = new JarOutputStream(file)) {
        for (JarEntry entry : in.stream().toList()) {
          try (InputStream content = in.getInputStream(entry)) {
            if (!entry.getName().matches(NATIVE)) {
              JarEntry same = new JarEntry(entry.getName());
              same.setTime(entry.getTime());
              out.putNextEntry(same);
              if (sealed && entry.getName().equals(JarFile.MANIFEST_NAME)) {
                manifest.write(out);
              } else {
                content.transferTo(out);
              }
              out.closeEntry();
            } else if (own != null && own.stream().anyMatch(entry.getName()::startsWith)) {
              String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
              Files.copy(content, jar.resolveSibling(name));
            }
          }
        }
      }
    }
    Files.move(copy, jar, StandardCopyOption.REPLACE_EXISTING);
  }
}
