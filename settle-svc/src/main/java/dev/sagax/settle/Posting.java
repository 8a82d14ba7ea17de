package dev.sagax.settle;

import java.util.ArrayList;
import java.util.List;

/**
 * A line of the double-entry journal.
 *
 * @param position of the record that caused it
 * @param line numbers the lines of a position from 0
 * @param units above zero: into the bucket; below: out of it
 * @param subjectId the order or transfer it is about
 * @param timeMicros time of the instruction
 */
public record Posting(
    long position,
    int line,
    String account,
    String asset,
    Bucket bucket,
    long units,
    String subjectId,
    PostingKind kind,
    long timeMicros) {

  /** The lines of a hold that was placed. */
  public static List<Posting> of(Hold hold) {
    Lines lines = new Lines(hold.position(), hold.timeMicros());
    lines.add(
        hold.account(),
        hold.asset(),
        Bucket.AVAILABLE,
        -hold.amountUnits(),
        hold.orderId(),
        PostingKind.HOLD);
    lines.add(
        hold.account(),
        hold.asset(),
        Bucket.HELD,
        hold.amountUnits(),
        hold.orderId(),
        PostingKind.HOLD);
    return lines.postings;
  }

  /** Collects the lines of one position; moves of zero leave none. */
  static final class Lines {
    final List<Posting> postings = new ArrayList<>();
    private final long position;
    private final long timeMicros;

    Lines(long position, long timeMicros) {
      this.position = position;
      this.timeMicros = timeMicros;
    }

    void add(
        String account,
        String asset,
        Bucket bucket,
        long units,
        String subjectId,
        PostingKind kind) {
      if (units != 0) {
        postings.add(
            new Posting(
                position,
                postings.size(),
                account,
                asset,
                bucket,
                units,
                subjectId,
                kind,
                timeMicros));
      }
    }
  }
}
