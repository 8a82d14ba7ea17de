package dev.sagax.settle.saga;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.money.Markets;
import java.io.IOException;

/** How settle-svc's step reads its records. */
public final class SettleReaders {
  private static final int PARTITIONS = 4;

  private SettleReaders() {}

  /** What it takes the record for; throws if it cannot read it. */
  public static Object read(LogRecord record, Markets markets) throws IOException {
    return switch (record.topic()) {
      case SETTLE_REQUESTED -> OutcomeMapper.parse(record);
      case TRANSFER_REQUESTED ->
          switch (new TransferDecoder(markets, PARTITIONS).decode(record)) {
            case TransferDecoder.Poison poison -> throw new IOException(poison.error());
            case TransferDecoder.Decoded sound -> sound;
          };
      default -> throw new IOException("It does not read " + record.topic());
    };
  }
}
