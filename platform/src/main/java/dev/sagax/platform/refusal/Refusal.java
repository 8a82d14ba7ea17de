package dev.sagax.platform.refusal;

import java.util.Map;

/**
 * A no with its reason.
 *
 * @param field the request field at fault in proto spelling ("limit.price"), or "" when none is
 * @param message a whole sentence for a person, with the numbers in it
 * @param metadata facts for programs, e.g. {@code scope} or {@code fields}
 */
public record Refusal(Reason reason, String field, String message, Map<String, String> metadata) {

  public Refusal {
    metadata = Map.copyOf(metadata);
  }

  public static Refusal of(Reason reason, String message) {
    return new Refusal(reason, "", message, Map.of());
  }

  public static Refusal ofField(Reason reason, String field, String message) {
    return new Refusal(reason, field, message, Map.of());
  }

  public Refusal with(String key, String value) {
    var more = new java.util.HashMap<>(metadata);
    more.put(key, value);
    return new Refusal(reason, field, message, more);
  }

  /** This refusal as a failure for a future chain or a parser to carry to the edge. */
  public RefusedException asException() {
    return new RefusedException(this);
  }
}
