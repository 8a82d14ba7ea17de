package dev.sagax.bench.client;

import dev.sagax.local.Endpoints;
import dev.sagax.local.LocalExchange.Ports;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** Where the four services of an exchange listen. */
public record Targets(Address order, Address match, Address settle, Address asset) {

  /** A host with a port. */
  public record Address(String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  private enum Service {
    ORDER(9101),
    MATCH(9102),
    SETTLE(9103),
    ASSET(9104);

    private final int defaultPort;

    Service(int defaultPort) {
      this.defaultPort = defaultPort;
    }

    private static Service ofName(String name) {
      return Arrays.stream(values())
          .filter(service -> service.name().toLowerCase(java.util.Locale.ROOT).equals(name))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "Expected order, match, settle or asset before \"=\", but got \"%s\"."
                      .formatted(name)));
    }
  }

  /** Where a running exchange has written that it listens. */
  public static Targets of(Endpoints endpoints) {
    return on(endpoints.host(), endpoints.ports());
  }

  static Targets on(String host, Ports ports) {
    return on(host, ports.order(), ports.match(), ports.settle(), ports.asset());
  }

  /** All services on one host. */
  public static Targets on(String host, int order, int match, int settle, int asset) {
    return new Targets(
        new Address(host, order),
        new Address(host, match),
        new Address(host, settle),
        new Address(host, asset));
  }

  /**
   * Reads {@code HOST}, which has all services at their default ports, or {@code
   * order=H:P,match=H:P,settle=H:P,asset=H:P}.
   *
   * @throws IllegalArgumentException with a sentence that names the part that is wrong
   */
  public static Targets parse(String text) {
    Map<Service, Address> found = new EnumMap<>(Service.class);
    if (!text.contains("=")) {
      if (text.isBlank() || text.contains(":") || text.contains(",")) {
        throw new IllegalArgumentException(
            "Expected a host, or order=H:P,match=H:P,settle=H:P,asset=H:P, but got \"%s\"."
                .formatted(text));
      }
      for (Service service : Service.values()) {
        found.put(service, new Address(text, service.defaultPort));
      }
    } else {
      for (String part : text.split(",", -1)) {
        int equals = part.indexOf('=');
        Service service = Service.ofName(part.substring(0, Math.max(0, equals)));
        if (found.put(service, address(part.substring(equals + 1))) != null) {
          throw new IllegalArgumentException("The target names " + part + " as a second address.");
        }
      }
    }
    for (Service service : Service.values()) {
      if (!found.containsKey(service)) {
        throw new IllegalArgumentException(
            "The target \"%s\" does not say where %s is."
                .formatted(text, service.name().toLowerCase(java.util.Locale.ROOT)));
      }
    }
    return new Targets(
        found.get(Service.ORDER),
        found.get(Service.MATCH),
        found.get(Service.SETTLE),
        found.get(Service.ASSET));
  }

  /** In the words of {@link #parse}. */
  @Override
  public String toString() {
    return "order=%s,match=%s,settle=%s,asset=%s".formatted(order, match, settle, asset);
  }

  private static Address address(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0) {
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port > 0 && port <= 65_535) {
          return new Address(text.substring(0, colon), port);
        }
      } catch (NumberFormatException notAPort) {
        // Refused below with every other text that is no address.
      }
    }
    throw new IllegalArgumentException("Expected HOST:PORT, but got \"%s\".".formatted(text));
  }
}
