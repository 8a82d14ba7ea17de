package dev.sagax.local.infra;

import dev.sagax.platform.tls.TlsFiles;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** PostgreSQL with its durability on. User and database are both called sagax. */
public final class PostgresServer extends Server {
  private static final String USER = "sagax";

  private static final List<String> SETTINGS =
      List.of(
          "listen_addresses=" + HOST,
          "unix_socket_directories=",
          "fsync=on",
          "synchronous_commit=on",
          "full_page_writes=on",
          "shared_buffers=128MB",
          "max_connections=200",
          "max_wal_size=2GB",
          "timezone=UTC",
          "log_timezone=UTC");

  private static final String WHO_MAY_COME =
      """
      host    all sagax 127.0.0.1/32 trust
      hostssl all all   127.0.0.1/32 scram-sha-256
      """;

  private Optional<TlsFiles> tls = Optional.empty();

  /**
   * @param port 0 for the port of the last start over this directory, or any free one
   */
  public PostgresServer(Path home, int port) {
    super("PostgreSQL", home, port);
  }

  /**
   * From its next start on only its owner, sagax, comes in without a password, and everybody else
   * by TLS alone.
   */
  public PostgresServer lockedFor(TlsFiles files) {
    tls = Optional.of(files);
    return this;
  }

  /** Where a role logs in, by TLS. */
  public String uri(String role, String password) {
    return "postgresql://%s:%s@%s:%d/%s?sslmode=verify-full&sslrootcert=%s"
        .formatted(role, password, HOST, port(), USER, tls.orElseThrow().ca());
  }

  public String uri() {
    return "postgresql://%s@%s:%d/%s".formatted(USER, HOST, port(), USER);
  }

  @Override
  void prepare() throws IOException {
    if (!Files.exists(data().resolve("PG_VERSION"))) {
      initialize();
    }
    // No process works in the directory now, so a lock left by a killed server means nothing, even
    // if its process id belongs to someone else today.
    Files.deleteIfExists(data().resolve("postmaster.pid"));
    if (tls.isPresent()) {
      lock(tls.get());
    }
  }

  /** It takes no key that others could read. */
  private void lock(TlsFiles files) throws IOException {
    Files.writeString(home().resolve("pg_hba.conf"), WHO_MAY_COME);
    Files.copy(files.key(), key(), StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(key(), PosixFilePermissions.fromString("rw-------"));
  }

  private Path key() {
    return home().resolve("server.key");
  }

  @Override
  List<String> command() throws IOException {
    List<String> words = postgresTool("postgres", "-D", data().toString());
    words.addAll(List.of("-p", String.valueOf(port())));
    for (String setting : SETTINGS) {
      words.addAll(List.of("-c", setting));
    }
    tls.ifPresent(files -> {
      words.addAll(List.of("-c", "ssl=on", "-c", "ssl_key_file=" + key()));
      words.addAll(List.of("-c", "ssl_cert_file=" + files.certificate()));
      words.addAll(List.of("-c", "hba_file=" + home().resolve("pg_hba.conf")));
    });
    return words;
  }

  @Override
  String processName() {
    return "postgres";
  }

  @Override
  String stopSignal() {
    return "INT"; // Its fast shutdown: does not wait until clients leave.
  }

  /** Logs in as a client does, and waits until the server says that it is ready for a query. */
  @Override
  boolean answers() throws IOException {
    try (Socket socket = new Socket(HOST, port())) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write(login());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (true) {
        int type = in.readUnsignedByte();
        in.skipNBytes(in.readInt() - 4);
        if (type == 'Z') {
          return true;
        }
        if (type == 'E') {
          return false;
        }
      }
    }
  }

  private static byte[] login() throws IOException {
    byte[] parameters =
        "user\0%s\0database\0%s\0\0".formatted(USER, USER).getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(8 + parameters.length);
    out.writeInt(3 << 16); // protocol 3.0
    out.write(parameters);
    return bytes.toByteArray();
  }

  /** Makes a cluster with the database in it beside its place, so that a crash leaves no half. */
  private void initialize() throws IOException {
    Path fresh = home().resolve("data.new");
    Binaries.deleteTree(fresh);
    List<String> initdb = postgresTool("initdb", "-D", fresh.toString(), "-U", USER);
    initdb.addAll(List.of("-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"));
    initdb.addAll(List.of("--no-sync"));
    run(initdb, "");
    run(
        postgresTool("postgres", "--single", "-D", fresh.toString(), "postgres"),
        "CREATE DATABASE sagax\n");
    run(postgresTool("initdb", "--sync-only", "-D", fresh.toString()), "");
    Files.delete(data());
    Files.move(fresh, data(), StandardCopyOption.ATOMIC_MOVE);
  }

  private void run(List<String> command, String input) throws IOException {
    Path log = home().resolve("initdb.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    try (var in = process.outputWriter()) {
      in.write(input);
    }
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new InfrastructureException(
            "PostgreSQL's data could not be set up: %s ended with %d and said:%n%s"
                .formatted(command, status, Files.readString(log)));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InfrastructureException("The set-up of PostgreSQL's data was interrupted.", e);
    }
  }

  private static List<String> postgresTool(String tool, String... arguments) throws IOException {
    List<String> words = new ArrayList<>(NotRoot.prefix());
    words.add(Binaries.postgres().resolve("bin").resolve(tool).toString());
    words.addAll(List.of(arguments));
    return words;
  }
}
