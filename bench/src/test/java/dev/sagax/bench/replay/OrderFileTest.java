package dev.sagax.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.bench.replay.Instruction.Cancel;
import dev.sagax.bench.replay.Instruction.Place;
import dev.sagax.bench.replay.Instruction.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderFileTest {
  private static final String HEADER =
      "time,market,action,client_order_id,side,type,time_in_force,price,quantity\n";
  private static final String PLACED = "1.5,A-B,PLACE,c-1,BUY,LIMIT,POST_ONLY,2,3\n";

  @TempDir private Path directory;

  @Test
  void placesAndCancelsBelongToMakerAndTaker() throws IOException {
    OrderFile orders =
        read(PLACED + "2,A-B,PLACE,c-2,SELL,LIMIT,IOC,2.50,0.1\r\n" + "3,A-B,CANCEL,c-1,,,,,\n");

    assertThat(orders.instructions())
        .containsExactly(
            new Place(2, "A-B", "c-1", Owner.MAKER, Side.BUY, "2", "3"),
            new Place(3, "A-B", "c-2", Owner.TAKER, Side.SELL, "2.50", "0.1"),
            new Cancel(4, "A-B", "c-1", Owner.MAKER));
  }

  @ParameterizedTest(name = "{0}: {1} {2}")
  @CsvSource(
      textBlock =
          """
          # line | column | message
          x,A-B,PLACE,c-2,BUY,LIMIT,IOC,2,3            | time            | seconds
          1,ab,PLACE,c-2,BUY,LIMIT,IOC,2,3             | market          | "ab"
          1,A-B,AMEND,c-2,BUY,LIMIT,IOC,2,3            | action          | PLACE or CANCEL, but got "AMEND"
          1,A-B,,c-2,BUY,LIMIT,IOC,2,3                 | action          | got ""
          1,A-B,PLACE,,BUY,LIMIT,IOC,2,3               | client_order_id | 1 to 64
          1,A-B,PLACE,c 2,BUY,LIMIT,IOC,2,3            | client_order_id | "c 2"
          1,A-B,PLACE,c-1,BUY,LIMIT,IOC,2,3            | client_order_id | line 2 has placed c-1 already
          1,A-B,PLACE,c-2,HOLD,LIMIT,IOC,2,3           | side            | BUY or SELL, but got "HOLD"
          1,A-B,PLACE,c-2,BUY,MARKET,IOC,2,3           | type            | LIMIT, but got "MARKET"
          1,A-B,PLACE,c-2,BUY,LIMIT,GTC,2,3            | time_in_force   | POST_ONLY or IOC, but got "GTC"
          1,A-B,PLACE,c-2,BUY,LIMIT,IOC,2e3,3          | price           | "2e3"
          1,A-B,PLACE,c-2,BUY,LIMIT,IOC,0.0,3          | price           | above zero
          1,A-B,PLACE,c-2,BUY,LIMIT,IOC,2,-3           | quantity        | "-3"
          1,A-B,PLACE,c-2,BUY,LIMIT,IOC,2,             | quantity        | ""
          1,A-B,CANCEL,c-2,,,,,                        | client_order_id | no earlier line places c-2 in A-B
          1,A-C,CANCEL,c-1,,,,,                        | client_order_id | no earlier line places c-1 in A-C
          1,A-B,CANCEL,c-1,BUY,,,,                     | side            | expected nothing
          1,A-B,CANCEL,c-1,,,,,7                       | quantity        | expected nothing
          """,
      delimiter = '|',
      quoteCharacter = '`')
  void aMalformedLineIsNamedWithItsColumn(String line, String column, String message) {
    assertThatThrownBy(() -> read(PLACED + line + "\n"))
        .isInstanceOf(RecordingException.class)
        .hasMessageContaining("orders.csv:3: column " + column + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void aLineOfOtherLengthIsNamed() {
    assertThatThrownBy(() -> read(PLACED + "1,A-B,CANCEL\n"))
        .hasMessageContaining("orders.csv:3: expected 9 columns")
        .hasMessageContaining("got 3");
    assertThatThrownBy(() -> read(PLACED + "\n")).hasMessageContaining("orders.csv:3:");
  }

  @Test
  void anotherHeaderIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("orders.csv"), "time,market\n");

    assertThatThrownBy(() -> OrderFile.read(file, Long.MAX_VALUE))
        .hasMessageContaining("orders.csv:1: expected the header time,market,action");
  }

  @Test
  void anEmptyMissingOrBinaryFileIsNamed() throws IOException {
    assertThatThrownBy(() -> read("")).hasMessageContaining("no instruction");
    assertThatThrownBy(() -> OrderFile.read(directory.resolve("none.csv"), 1))
        .hasMessageContaining("none.csv: cannot be read");
    Path binary = Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> OrderFile.read(binary, 1)).hasMessageContaining("not a text file");
  }

  @Test
  void theLimitCutsTheFileAndChangesItsFingerprint() throws IOException {
    OrderFile whole = read(PLACED + "3,A-B,CANCEL,c-1,,,,,\n");
    OrderFile part = OrderFile.read(whole.file(), 1);

    assertThat(part.instructions()).hasSize(1);
    assertThat(part.fingerprint()).isNotEqualTo(whole.fingerprint()).hasSize(12);
    assertThat(OrderFile.read(whole.file(), 2).fingerprint()).isEqualTo(whole.fingerprint());
  }

  private OrderFile read(String lines) throws IOException {
    Path file = Files.writeString(directory.resolve("orders.csv"), HEADER + lines);
    return OrderFile.read(file, Long.MAX_VALUE);
  }
}
