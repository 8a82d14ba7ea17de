package dev.sagax.bench.chaos;

import dev.sagax.platform.boot.ServiceConfig.Setting;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A proxy on each way from a service to Redis, PostgreSQL and the ledger. Kafka has none: its
 * clients connect to the address that the broker tells them.
 */
final class Links implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile(":([0-9]{2,5})(?=$|/|\\?)");

  /** By name: "order-svc-0>postgres". */
  private final Map<String, List<TcpProxy>> proxies = new TreeMap<>();

  /** The settings of a process, with a proxy put before every server that it talks to. */
  Map<Setting, String> wire(String service, int replica, Map<Setting, String> usual) {
    Map<Setting, String> wired = new EnumMap<>(usual);
    String instance = service + "-" + replica;
    wired.computeIfPresent(Setting.POSTGRES_URI, (s, uri) -> through(instance + ">postgres", uri));
    if (service.equals(Service.SETTLE.processName)) {
      wired.computeIfPresent(Setting.REDIS_URI, (s, uri) -> through(instance + ">redis", uri));
    }
    if (service.equals(Service.ORDER.processName) || service.equals(Service.ASSET.processName)) {
      wired.computeIfPresent(
          Setting.LEDGER_ADDRESS,
          (s, addresses) ->
              Arrays.stream(addresses.split(","))
                  .map(address -> through(instance + ">ledger", address))
                  .collect(Collectors.joining(",")));
    }
    return wired;
  }

  private String through(String link, String address) {
    Matcher port = PORT.matcher(address);
    if (!port.find()) {
      throw new IllegalArgumentException("Expected a port in " + address + ".");
    }
    TcpProxy proxy = new TcpProxy(Integer.parseInt(port.group(1)));
    proxies.merge(link, List.of(proxy), Links::both);
    return port.replaceFirst(":" + proxy.port());
  }

  private static List<TcpProxy> both(List<TcpProxy> one, List<TcpProxy> other) {
    return java.util.stream.Stream.concat(one.stream(), other.stream()).toList();
  }

  /** The proxies of a link by its name. */
  List<TcpProxy> link(String name) {
    List<TcpProxy> found = proxies.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "There is no link %s; there are %s.".formatted(name, proxies.keySet()));
    }
    return found;
  }

  @Override
  public void close() {
    proxies.values().forEach(list -> list.forEach(TcpProxy::close));
  }
}
