package dev.sagax.settle;

import java.util.Map;

/**
 * How far the journal is folded.
 *
 * @param epoch of the ledger that it belongs to
 * @param pass changes whenever the checkpoint moves
 * @param marks what is missing stands before its first record
 * @param lastPages the page of each log that the fold goes on in
 */
public record Checkpoint(
    long epoch,
    long pass,
    Map<FlowPartition, Mark> marks,
    Map<FlowPartition, JournalPage> lastPages) {

  /**
   * How far a log is folded.
   *
   * @param holds how many were placed or ended up to there; of transfers, which do both, how many
   *     more were placed than ended
   */
  public record Mark(long position, long holds) {}

  Mark mark(FlowPartition log) {
    return marks.getOrDefault(log, new Mark(log.flow().beforeFirst, 0));
  }

  JournalPage lastPage(FlowPartition log) {
    JournalPage last = lastPages.get(log);
    return last == null ? JournalPage.startingAfter(log, mark(log).position()) : last;
  }
}
