package dev.sagax.bench.chaos;

import java.util.Arrays;

/** The four services by the names of their processes. */
enum Service {
  ORDER("order-svc"),
  MATCH("match-svc"),
  SETTLE("settle-svc"),
  ASSET("asset-svc");

  final String processName;

  Service(String processName) {
    this.processName = processName;
  }

  static Service ofProcess(String name) {
    return Arrays.stream(values())
        .filter(service -> service.processName.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("There is no service " + name + "."));
  }
}
