package dev.sagax.bench.load;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How many orders of a run came how far.
 *
 * @param placed those that were due in the window, sent sooner or later
 * @param sentInTime those of them that were sent in the window
 * @param accepted calls answered in the window
 * @param settled orders settled in the window
 * @param traded those placed that had a fill by the end of the run
 * @param accounts whose orders were placed
 * @param markets where they were placed
 * @param rejected in the whole run, warm-up included
 * @param failed calls that ended with an error in the whole run
 * @param unsettled in the whole run: answered, but never settled
 */
record OrderCounts(
    @JsonProperty("placed") long placed,
    @JsonProperty("sent_in_time") long sentInTime,
    @JsonProperty("accepted") long accepted,
    @JsonProperty("settled") long settled,
    @JsonProperty("traded") long traded,
    @JsonProperty("accounts") int accounts,
    @JsonProperty("markets") int markets,
    @JsonProperty("rejected") long rejected,
    @JsonProperty("failed") long failed,
    @JsonProperty("unsettled") long unsettled) {}
