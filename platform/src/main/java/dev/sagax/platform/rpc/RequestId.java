package dev.sagax.platform.rpc;

import io.vertx.core.MultiMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** What a caller and we call one call: the caller's name of it, or one that is made here. */
final class RequestId {
  static final String HEADER = "x-request-id";
  private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

  private RequestId() {}

  /** The header's value if it is well-formed, else a new one. */
  static String of(MultiMap headers) {
    String given = headers.get(HEADER);
    return given != null && SHAPE.matcher(given).matches() ? given : make();
  }

  private static String make() {
    return "%016x".formatted(ThreadLocalRandom.current().nextLong());
  }
}
