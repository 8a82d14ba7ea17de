package dev.sagax.platform.fault;

/** What happens at a fault point. */
public sealed interface FaultAction {

  /** The process ends at once, as by kill -9. */
  record Kill() implements FaultAction {
    @Override
    public String toString() {
      return "kill";
    }
  }

  /** What is under way fails, as by a bug that passes. */
  record Throw() implements FaultAction {
    @Override
    public String toString() {
      return "throw";
    }
  }

  /**
   * The whole process stands still and then goes on, not knowing that time has passed.
   *
   * @param millis for how long, above 0
   */
  record Pause(long millis) implements FaultAction {
    @Override
    public String toString() {
      return "pause:" + millis;
    }
  }

  /**
   * @param text kill, throw or pause:MILLIS
   * @throws IllegalArgumentException if it is none of them
   */
  static FaultAction ofText(String text) {
    if (text.matches("pause:[1-9][0-9]{0,6}")) {
      return new Pause(Long.parseLong(text.substring("pause:".length())));
    }
    return switch (text) {
      case "kill" -> new Kill();
      case "throw" -> new Throw();
      default ->
          throw new IllegalArgumentException(
              "Expected kill, throw or pause:MILLIS, but got \"%s\".".formatted(text));
    };
  }
}
