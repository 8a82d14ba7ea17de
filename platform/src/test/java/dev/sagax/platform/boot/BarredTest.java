package dev.sagax.platform.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.tls.TlsException;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BarredTest {
  private final Barred barred = new Barred(ServiceConfig.load(9101, Map.of(), null));

  /** What only the owner's failures have is that they were wrapped. */
  @ParameterizedTest
  @CsvSource({
    "28P01, false, 'postgres.uri: PostgreSQL refuses the login (no)'",
    "28P01, true,  'postgres.owner.uri: PostgreSQL refuses the login (no)'",
    "42501, false, 'postgres.uri: the role lacks a right (no). Start the service once with'",
    "42501, true,  'postgres.owner.uri: the owner lacks a right (no). Grant create on the database'",
    "42704, false, 'postgres.uri: the role lacks a right (no).'",
    "42704, true,  'postgres.uri: its role cannot be granted what it needs (no). Make the role'",
  })
  void theAdviceNamesTheAddressThatIsTurnedAway(String state, boolean owners, String advice) {
    Exception failure = new IllegalStateException("not migrated", new SQLException("no", state));

    assertThat(barred.advice(owners ? new OwnerException(failure) : failure))
        .hasValueSatisfying(sentence -> assertThat(sentence).startsWith(advice));
  }

  @Test
  void filesOfTheOwnersAddressAreNamedByIt() {
    assertThat(barred.advice(new OwnerException(new TlsException("postgres.uri: no such file"))))
        .hasValue("postgres.owner.uri: no such file");
  }

  @Test
  void whoIsAwayBarsNobody() {
    assertThat(barred.advice(new OwnerException(new SQLException("away", "08001")))).isEmpty();
  }
}
