package dev.sagax.local.infra;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Chooses loopback ports. */
public final class Ports {
  /**
   * Below the range from which Linux gives ports to outgoing connections: a port of that range may
   * be lost to a client's connection between two starts, even to a connection with itself.
   */
  private static final int LOWEST = 20_000;

  private static final int HIGHEST = 32_000;

  /**
   * Of these no other JVM with this cache is given one while this one lives: much time passes
   * between the choice of a port and its use. A remembered or wanted port may be of any range.
   */
  private static final PortRange OURS = PortRange.lease(LOWEST, HIGHEST);

  private static final Duration RELEASE_TIMEOUT = Duration.ofSeconds(5);

  private Ports() {}

  /**
   * The wanted port, else the remembered one if it is free, else any free one; remembers the
   * choice.
   *
   * @param wanted 0 if any port will do
   * @throws InfrastructureException if the wanted port is taken
   */
  public static int choose(String name, int wanted, Path memory) throws IOException {
    int port = wanted == 0 ? rememberedOrFree(memory) : insistOn(name, wanted);
    Files.writeString(memory, port + "\n");
    return port;
  }

  private static int insistOn(String name, int port) {
    if (!Waiting.until(RELEASE_TIMEOUT, () -> isFree(port))) {
      throw new InfrastructureException(
          "%s cannot listen on port %d of %s: another program does. Stop it or choose another port."
              .formatted(name, port, Server.HOST));
    }
    return port;
  }

  private static int rememberedOrFree(Path memory) throws IOException {
    if (Files.exists(memory)) {
      String text = Files.readString(memory).strip();
      if (text.matches("[1-9][0-9]{0,4}") && isFree(Integer.parseInt(text))) {
        return Integer.parseInt(text);
      }
    }
    return free();
  }

  static int free() {
    for (int attempt = 0; attempt < OURS.size(); attempt++) {
      int port = OURS.next();
      if (isFree(port)) {
        return port;
      }
    }
    throw new InfrastructureException("No port of %s is free.".formatted(OURS));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(Server.HOST), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
