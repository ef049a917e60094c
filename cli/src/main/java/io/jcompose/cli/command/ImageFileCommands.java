package io.jcompose.cli.command;

import org.jspecify.annotations.Nullable;

/** The commands on images in files, alone and of the group {@code image}; as HostCommands. */
final class ImageFileCommands {
  private ImageFileCommands() {}

  static @Nullable Command find(String name) {
    return switch (name) {
      case "import", "image import" ->
          new Command(
                  name,
                  "[OPTIONS] FILE|- [REPOSITORY[:TAG]]",
                  "Make an image of a root file system's tar archive")
              .list("change", "Apply a Dockerfile's instruction to the image", "-c", "--change")
              .value("message", "Comment of the image", "-m", "--message")
              .value("os/arch", "Platform of the image (default this host's)", "--platform")
              .arguments(1)
              .atMost(2);
      case "load", "image load" ->
          new Command(name, "[OPTIONS]", "Load images from a tar archive or standard input")
              .value("file", "Read from a file instead of standard input", "-i", "--input")
              .flag("Print no progress", "-q", "--quiet")
              .atMost(0);
      case "save", "image save" ->
          new Command(
                  name,
                  "[OPTIONS] IMAGE [IMAGE...]",
                  "Save images to a tar archive, for load or as an OCI image layout")
              .value("file", "Write to a file instead of standard output", "-o", "--output")
              .arguments(1);
      default -> null;
    };
  }
}
