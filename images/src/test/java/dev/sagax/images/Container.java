package dev.sagax.images;

import dev.sagax.local.infra.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Starts a program in the file system of an image as Kubernetes starts it for the chart: as user
 * 65532, with a root that is only read, a /tmp of its own and one directory of files. It sees the
 * network of this machine. No Docker.
 */
final class Container {
  static final String USER = "65532";

  /** The directory of files that every container gets. */
  static final String FILES = "/etc/sagax";

  /** Arguments: the root, the files, then what to start. All in a mount namespace of its own. */
  private static final String MOUNTS =
      """
      set -e
      root=$1 files=$2
      shift 2
      mount --bind "$root" "$root"
      mount --bind "$files" "$root%s"
      mount --rbind /proc "$root/proc"
      mount --rbind /dev "$root/dev"
      mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
      mount -o remount,bind,ro,nosuid,nodev "$root%1$s"
      mount -o remount,bind,ro,nosuid,nodev "$root"
      exec env -i "$@"
      """
          .formatted(FILES);

  /** How a process gets another root and another user. */
  enum Way {
    /** Needs root: the process really is another user. */
    CHROOT(List.of("unshare", "--mount")) {
      @Override
      List<String> enter(Path root) {
        return List.of(
            tool("setpriv"),
            "--no-new-privs",
            tool("chroot"),
            "--userspec=%1$s:%1$s".formatted(USER),
            root.toString());
      }
    },
    /** Needs user namespaces: the process is another user in its own eyes. */
    NAMESPACE(List.of("unshare", "--user", "--map-root-user", "--mount")) {
      @Override
      List<String> enter(Path root) {
        return List.of(
            tool("unshare"),
            "--user",
            "--map-user=" + USER,
            "--map-group=" + USER,
            "--root=" + root);
      }
    };

    private final List<String> outside;

    Way(List<String> outside) {
      this.outside = outside;
    }

    abstract List<String> enter(Path root);

    /** Whether this machine lets us. */
    boolean works() {
      try {
        if (this == CHROOT && !Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
          return false;
        }
        List<String> words = new ArrayList<>(outside);
        words.addAll(List.of("mount", "-t", "tmpfs", "tmpfs", "/tmp"));
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor()
            == 0;
      } catch (IOException noSuchTool) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  private Container() {}

  /** Those that this machine allows; possibly none. */
  static List<Way> ways() {
    return Arrays.stream(Way.values()).filter(Way::works).toList();
  }

  /**
   * @param environment all that there is
   * @param log gets what it says
   */
  static ServerProcess start(
      Way way,
      Path root,
      Path files,
      Map<String, String> environment,
      List<String> command,
      Path log)
      throws IOException {
    for (String mountPoint : List.of(FILES, "/proc", "/dev", "/tmp")) {
      Files.createDirectories(root.resolve(mountPoint.substring(1)));
    }
    List<String> words = new ArrayList<>(way.outside);
    words.addAll(List.of("sh", "-c", MOUNTS, "sh", root.toString(), files.toString()));
    environment.forEach((name, value) -> words.add(name + "=" + value));
    words.addAll(way.enter(root));
    words.addAll(command);
    return ServerProcess.start(words, Map.of(), log.getParent(), log, "TERM");
  }

  /** Where a tool of this machine is; the PATH of an image is of no use for it. */
  private static String tool(String name) {
    return Stream.concat(
            Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/sbin"))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("This machine has no " + name + "."))
        .toString();
  }
}
