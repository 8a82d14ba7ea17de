package dev.sagax.platform.rpc;

import java.util.ArrayList;
import java.util.List;

/** Where a replica of another service listens. */
public record PeerAddress(String host, int port) {
  private static final int HIGHEST_PORT = 65_535;

  /**
   * @param text host:port of each replica, separated by commas
   * @throws IllegalArgumentException if it is not that
   */
  public static List<PeerAddress> list(String text) {
    List<PeerAddress> addresses = new ArrayList<>();
    for (String address : text.split(",", -1)) {
      addresses.add(of(address.strip()));
    }
    return List.copyOf(addresses);
  }

  private static PeerAddress of(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 2 || parts[0].isEmpty() || !parts[1].matches("[1-9][0-9]{0,4}")) {
      throw new IllegalArgumentException("\"" + text + "\" is not host:port.");
    }
    int port = Integer.parseInt(parts[1]);
    if (port > HIGHEST_PORT) {
      throw new IllegalArgumentException("The port of " + text + " is above " + HIGHEST_PORT + ".");
    }
    return new PeerAddress(parts[0], port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
