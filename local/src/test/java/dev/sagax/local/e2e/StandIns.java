package dev.sagax.local.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;

/**
 * Commands that documents show and that are not on every machine, made of what is here. The shown
 * command itself is executed, by a shell that finds these first.
 */
final class StandIns {
  /** Takes grpcurl's options and makes the same call by buf. */
  private static final String GRPCURL =
      """
      #!/usr/bin/env bash
      options=() words=()
      while (($#)); do
        case $1 in
          -plaintext) ;;
          -H | -d) options+=("$1" "$2") && shift ;;
          -*) echo "This stand-in knows no $1." >&2 && exit 64 ;;
          *) words+=("$1") ;;
        esac
        shift
      done
      [[ ${words[1]} == list ]] && words[1]= && options+=(--list-services)
      exec "$BUF" curl --http2-prior-knowledge --protocol grpc --reflect-protocol grpc-v1 \\
        "${options[@]}" "http://${words[0]}/${words[1]}"
      """;

  /** What is fetched by {@code npx @bufbuild/buf} is here already. */
  private static final String NPX =
      """
      #!/usr/bin/env bash
      [[ $1 == @bufbuild/buf ]] || exit 64
      exec "$BUF" "${@:2}"
      """;

  /** For machines without curl. */
  private static final String CURL =
      """
      #!/usr/bin/env bash
      exec "$JAVA" -XX:TieredStopAtLevel=1 -cp "$CLASS_PATH" dev.sagax.local.e2e.HttpCommand "$@"
      """;

  private StandIns() {}

  /**
   * Writes them into this directory.
   *
   * @return the environment in which a shell finds them
   */
  static Map<String, String> write(Path directory) throws IOException {
    Files.createDirectories(directory);
    tool(directory.resolve("grpcurl"), GRPCURL);
    tool(directory.resolve("npx"), NPX);
    if (Buf.shell("command -v curl", Map.of()).exit() != 0) {
      tool(directory.resolve("curl"), CURL);
    }
    Map<String, String> environment = new HashMap<>();
    environment.put("BUF", Buf.executable().toString());
    environment.put("JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
    environment.put("CLASS_PATH", System.getProperty("java.class.path"));
    environment.put("PATH", directory + ":" + System.getenv("PATH"));
    return environment;
  }

  static void tool(Path file, String script) throws IOException {
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
