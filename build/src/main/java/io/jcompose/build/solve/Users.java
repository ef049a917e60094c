package io.jcompose.build.solve;

import io.jcompose.build.context.Copying;
import io.jcompose.images.archive.ContainerUser;
import io.jcompose.images.archive.TreeWriter;
import io.jcompose.linux.file.DirectoryFd;

/** Users and groups of an image. */
final class Users {
  private Users() {}

  /**
   * Looks {@code user[:group]} up in a root's own files; a number alone is the group's, too.
   *
   * @throws io.jcompose.core.JcomposeException.InvalidArgument for a name that is not there
   */
  static Copying.Owner find(DirectoryFd root, String user) {
    if (user.matches("\\d{1,10}")) {
      int id = (int) Long.parseLong(user);
      return new Copying.Owner(id, id);
    }
    TreeWriter.Owner.User found = ContainerUser.find(root, user);
    return new Copying.Owner(found.uid(), found.gid());
  }
}
