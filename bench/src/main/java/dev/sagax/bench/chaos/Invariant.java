package dev.sagax.bench.chaos;

import dev.sagax.bench.chaos.Finding.Kind;

/**
 * What must be true of the tables of a quiet exchange. The query finds what contradicts it, a text
 * each.
 */
enum Invariant {
  ORDER_IS_FINAL_OR_RESTS(
      Kind.STUCK,
      "Every order is closed, or placed and rests with just what is left of it",
      """
      select o.market || ' ' || o.client_order_id || ' (' || o.order_id || '): status ' || o.status || ', left '
        || o.left_units || case when o.placed then '' else ', not placed' end || ', rests with ' || coalesce(r.quantity, 0)
      from orders.orders o left join matching.resting_order r using (order_id)
      where case when o.status in (2, 3) then not o.placed or r.quantity is distinct from o.left_units
        else r.order_id is not null or o.status not in (4, 5, 6, 7) end
      """),
  WHAT_RESTS_IS_AN_ORDER(
      Kind.WRONG,
      "Everything in a book is an order",
      """
      select r.order_id::text from matching.resting_order r
      where not exists (select from orders.orders o where o.order_id = r.order_id)
      """),
  ORDER_IS_THERE_ONCE(
      Kind.DOUBLED,
      "An account's own name of an order belongs to one order",
      """
      select account || ' ' || market || ' ' || client_order_id || ': ' || count(*)
      from orders.orders group by account, market, client_order_id having count(*) > 1
      """),
  TRADES_ARE_THE_FILLS_OF_ORDERS(
      Kind.WRONG,
      "The fills of an order are its trades",
      """
      with side as (
        select maker_order_id as order_id, quantity, quote from matching.trade where not cancelled
        union all select taker_order_id, quantity, quote from matching.trade where not cancelled),
      traded as (select order_id, sum(quantity) as quantity, sum(quote) as quote from side group by order_id)
      select coalesce(o.order_id, t.order_id) || ': filled ' || coalesce(o.filled_units, -1) || ' for '
        || coalesce(o.filled_quote_units, -1) || ', traded ' || coalesce(t.quantity, 0) || ' for ' || coalesce(t.quote, 0)
      from orders.orders o full join traded t using (order_id)
      where coalesce(o.filled_units, -1) <> coalesce(t.quantity, 0)
        or coalesce(o.filled_quote_units, -1) <> coalesce(t.quote, 0)
      """),
  MAKER_AND_TAKER_AGREE(
      Kind.WRONG,
      "Each trade was settled once, with its maker and with its taker, in one outcome",
      """
      select t.market || ' ' || t.trade_id || ': settled ' || count(m.order_id) || ' times'
      from matching.trade t
      left join (ledger.leg m join ledger.leg k
        on k.partition = m.partition and k.position = m.position and k.order_id <> m.order_id)
        on m.order_id = t.maker_order_id and k.order_id = t.taker_order_id
          and case t.taker_side when 1 then m.pay = t.quantity and m.receive + m.fee = t.quote
            else m.pay = t.quote and m.receive + m.fee = t.quantity end
      where not t.cancelled
      group by t.market, t.trade_id having count(m.order_id) <> 1
      """),
  LEGS_ARE_THE_FILLS_OF_ORDERS(
      Kind.WRONG,
      "What the ledger settled for an order is what the order says",
      """
      with settled as (
        select order_id, sum(pay) as pay, sum(receive + fee) as receive, sum(fee) as fee
        from ledger.leg group by order_id)
      select coalesce(o.order_id, s.order_id) || ': ' || coalesce(s.pay, 0) || ' paid, ' || coalesce(s.receive, 0)
        || ' received, fee ' || coalesce(s.fee, 0) || '; the order says ' || coalesce(o.filled_units, -1) || ' for '
        || coalesce(o.filled_quote_units, -1) || ', fee ' || coalesce(o.fee_units, -1)
      from orders.orders o full join settled s using (order_id)
      where coalesce(o.fee_units, -1) <> coalesce(s.fee, 0)
        or case when o.side = 1 then o.filled_quote_units else o.filled_units end is distinct from coalesce(s.pay, 0)
        or case when o.side = 1 then o.filled_units else o.filled_quote_units end is distinct from coalesce(s.receive, 0)
      """),
  OUTCOME_CONSERVES(
      Kind.WRONG,
      "What an outcome takes from one order it gives to others",
      """
      select partition || '/' || position || ' ' || asset || ': ' || sum(units)
      from (select partition, position, pay_asset as asset, -pay as units from ledger.leg
        union all select partition, position, receive_asset, receive + fee from ledger.leg) as e
      group by partition, position, asset having sum(units) <> 0
      """),
  HOLD_IS_THE_ORDERS(
      Kind.WRONG,
      "Every order was held for once or refused, and its hold says what the order says",
      """
      select coalesce(o.order_id, h.order_id) || ': ' || case when o.order_id is null then 'a hold without an order'
        when h.order_id is null then 'an order without a hold'
        else 'hold ' || h.verdict || ' filled ' || h.filled || ' for ' || h.filled_quote || ', left ' || h.left_units
          || '; order ' || o.status || ' filled ' || o.filled_units || ' for ' || o.filled_quote_units || ', left '
          || o.left_units end
      from ledger.hold h full join orders.orders o using (order_id)
      where case when o.order_id is null then true
        when h.order_id is null then o.status <> 7 or o.reason <> 2
        when h.verdict = 2 then o.status <> 7 or o.reason <> 1
        when h.verdict = 3 then o.status <> 7 or o.reason <> 40
        else o.status = 7 or h.filled <> o.filled_units or h.filled_quote <> o.filled_quote_units
          or h.fee <> o.fee_units or (o.status in (4, 5, 6)) <> (h.left_units = 0) or (h.left_units = 0 and h.hold_left <> 0)
          end
      """),
  TRANSFER_IS_DECIDED_ONCE(
      Kind.WRONG,
      "Every transfer is decided, and asset-svc says of it what the ledger says",
      """
      select coalesce(t.transfer_id, replace(l.transfer_id::text, '-', '')) || ': ' || coalesce(t.outcome, 'not there')
        || ', ledger ' || coalesce(l.verdict, 0) || ', end ' || coalesce(w.ending, 0)
      from assets.transfers t full join ledger.transfer l on l.transfer_id = t.transfer_id::uuid
        left join ledger.withdrawal_end w on w.transfer_id = l.transfer_id
      where t.outcome is distinct from case l.verdict
        when 1 then case when l.direction <> 3 or w.ending = 1 then 'COMPLETED' when w.ending = 2 then 'RETURNED' else 'HELD' end
        when 2 then 'INSUFFICIENT_FUNDS' when 3 then 'SUPPLY_LIMIT' when 10 then 'ACCOUNT_FROZEN' when 11 then 'EXTERNAL_ID_USED' end
      """),
  LOG_IS_READ_TO_ITS_END(
      Kind.STUCK,
      "Every numbered record was read by its reader",
      """
      with written as (
        select * from orders.step_output union all select * from matching.step_output
        union all select * from ledger.step_output union all select * from assets.step_output),
      read as (
        select * from orders.step_input union all select * from matching.step_input
        union all select * from ledger.step_input union all select * from assets.step_input)
      select w.topic || '/' || w.partition || ': written to ' || w.last_seq || ', ' || r.service || ' has read to ' || r.position
      from (select topic, partition, max(last_seq) as last_seq from written group by topic, partition) w
      join read r using (topic, partition)
      where r.position <> w.last_seq
      """);

  /** What it is when it is broken. */
  final Kind broken;

  final String sentence;
  final String query;

  Invariant(Kind broken, String sentence, String query) {
    this.broken = broken;
    this.sentence = sentence;
    this.query = query;
  }
}
