-- The orders, one row each, kept for ever. Amounts are units of their asset; enums are the numbers of the protos.
create table if not exists orders.orders(
  order_id uuid primary key,
  -- Seq of the match.requested that placed it, 0 if it never went to the book.
  number bigint not null,
  -- Position in order.requested of the instruction that placed it: the same position again is a replay, not a duplicate.
  instruction bigint not null,
  create_micros bigint not null,
  update_micros bigint not null,
  version bigint not null,
  price_units bigint not null,
  -- What was ordered: base units, or quote units for a market buy.
  amount_units bigint not null,
  filled_units bigint not null,
  filled_quote_units bigint not null,
  fee_units bigint not null,
  left_units bigint not null,
  tick_units bigint not null,
  lot_units bigint not null,
  -- 1 limit, 2 market buy, 3 market sell.
  type smallint not null,
  side smallint not null,
  -- 0 for market orders.
  time_in_force smallint not null,
  status smallint not null,
  reason smallint not null,
  base_scale smallint not null,
  quote_scale smallint not null,
  maker_bps smallint not null,
  taker_bps smallint not null,
  placed boolean not null,
  account text not null,
  market text not null,
  client_order_id text not null,
  base_asset text not null,
  quote_asset text not null
) with (fillfactor = 60);
-- 1 cancel taker, 2 cancel maker, 3 cancel both. Orders from before there was a choice have the first.
alter table orders.orders add column if not exists self_trade smallint not null default 1;
-- What was not traded because it would have been with the same account, in the unit that was ordered.
alter table orders.orders add column if not exists prevented_units bigint not null default 0;
-- What its owner took off it by amendments, in base units.
alter table orders.orders add column if not exists reduced_units bigint not null default 0;
-- The order whose place in the book it takes; null if it replaces none.
alter table orders.orders add column if not exists replaces uuid;
-- Whether it is for what rests of that order then; else amount_units says what both together are to be filled for.
alter table orders.orders add column if not exists replaces_what_rests boolean not null default false;
create index if not exists orders_by_account on orders.orders(account, create_micros);
-- The open orders of an account, however many it had before. It costs an order that ends the cheap kind of update.
create index if not exists orders_open on orders.orders(account, market) where status <= 3;
-- Cancels that came before their order: it will be refused.
create table if not exists orders.cancelled_before(
  order_id uuid primary key,
  time_micros bigint not null
);
-- What a market takes, where an operator has set it: 1 trading, 2 post only, 3 cancel only, 4 halted.
create table if not exists orders.market_status(
  market text primary key,
  state smallint not null,
  reason text not null,
  set_by text not null,
  set_micros bigint not null
);
-- Up to which number the open orders of an account were sent to the book to be cancelled, all at once.
create table if not exists orders.cancelled_to(
  account text not null,
  market text not null,
  side smallint not null,
  number bigint not null,
  primary key (account, market, side)
);
-- Dead man's switches: when all open orders of an account are cancelled unless it is set anew. An empty market: in all of the partition.
create table if not exists orders.cancel_after(
  partition int not null,
  account text not null,
  market text not null,
  deadline_micros bigint not null,
  primary key (partition, account, market)
);
create index if not exists cancel_after_by_deadline on orders.cancel_after(deadline_micros);
