package dev.sagax.local;

import dev.sagax.platform.boot.ServiceConfig.Setting;
import java.util.List;
import java.util.Map;

/**
 * Ports with metrics on one machine: {@code metrics.port} is order-svc's, the next three are those
 * of match-svc, settle-svc and asset-svc, those of the second replicas are 10 above, and so on.
 */
final class MetricsPorts {
  private static final List<String> SERVICES =
      List.of("order-svc", "match-svc", "settle-svc", "asset-svc");
  private static final int PORTS_APART = 10;

  private MetricsPorts() {}

  /**
   * Gives a process its own port, if there are metrics at all.
   *
   * @param replica counted from 0
   */
  static void assign(Map<Setting, String> settings, String service, int replica) {
    String first = settings.getOrDefault(Setting.METRICS_PORT, "0");
    if (first.matches("[1-9][0-9]{0,4}")) { // what is no port is refused where it is read
      int own = Integer.parseInt(first) + SERVICES.indexOf(service) + replica * PORTS_APART;
      settings.put(Setting.METRICS_PORT, Integer.toString(own));
    }
  }
}
