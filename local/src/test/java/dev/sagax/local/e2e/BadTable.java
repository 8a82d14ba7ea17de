package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.log.Topic;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Ways to ask wrongly: each row is a rule that is broken, and says how that is answered. */
final class BadTable {
  private static final String DOMAIN = "sagax.dev";

  /** What a rule is about. */
  enum Area {
    NUMBERS,
    ORDERS,
    IDENTITY,
    QUERIES,
    FUNDS,
    WIRE,
    TOKENS,
    OPERATORS
  }

  /**
   * A rule that is broken, on one way or on several.
   *
   * @param field the field that the refusal names, "" for none
   */
  record Row(
      Area area, String rule, Status.Code code, String reason, String field, List<Runnable> calls) {

    void check() {
      for (int i = 0; i < calls.size(); i++) {
        Refused refused = Refused.by(calls.get(i)::run);

        assertThat(refused.code() + " " + refused.reason() + " of " + refused.field())
            .as("%s, %d", rule, i)
            .isEqualTo(code + " " + reason + " of " + field);
        assertThat(refused.domain()).isEqualTo(DOMAIN);
      }
    }
  }

  private final List<Row> rows = new ArrayList<>();
  private final Map<Topic, Integer> appended = new EnumMap<>(Topic.class);
  private Area area;

  /** What the rows that are added from now on are about. */
  void about(Area next) {
    area = next;
  }

  void add(String rule, Status.Code code, String reason, String field, Runnable... calls) {
    rows.add(new Row(area, rule, code, reason, field, List.of(calls)));
  }

  /** A call that is known to be bad only by who reads the log: each time it is one record there. */
  Runnable recorded(Topic topic, Runnable call) {
    return () -> {
      appended.merge(topic, 1, Integer::sum);
      call.run();
    };
  }

  /** How many records the calls so far have appended. */
  int appended(Topic topic) {
    return appended.getOrDefault(topic, 0);
  }

  List<Row> rows() {
    return rows;
  }
}
