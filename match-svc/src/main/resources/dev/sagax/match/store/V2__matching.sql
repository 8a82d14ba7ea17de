-- The durable books: what rests, and every trade. Sides: 1 buy, 2 sell. Prices in quote units per one whole base unit,
-- quantities in base units.

create table if not exists matching.resting_order(
  partition int not null,
  number bigint not null,
  market text not null,
  order_id uuid not null,
  account text not null,
  side smallint not null check (side in (1, 2)),
  price bigint not null check (price > 0),
  quantity bigint not null check (quantity > 0),
  maker_bps int not null,
  primary key (partition, number)) with (fillfactor = 80); -- room for updates of the quantity, which no index has

-- What the order asks for in all; all of it that does not rest is filled or lost. 0: not known, it rests since before this was kept.
alter table matching.resting_order add column if not exists ordered bigint not null default 0;

create index if not exists resting_order_by_price on matching.resting_order(market, side, price);

create table if not exists matching.trade(
  market text not null,
  trade_id bigint not null,
  taker_side smallint not null check (taker_side in (1, 2)),
  price bigint not null check (price > 0),
  quantity bigint not null check (quantity > 0),
  quote bigint not null,
  maker_order_id uuid not null,
  taker_order_id uuid not null,
  maker_account text not null,
  taker_account text not null,
  time_micros bigint not null,
  cancelled boolean not null default false, -- the ledger refused it: it was undone
  primary key (market, trade_id));

-- Which trades the ledger has settled, as ranges of ids that end only where it refused some. What was there before the
-- ranges were kept counts as settled.
do $$ begin
  if to_regclass('matching.settled_trades') is null then
    create table matching.settled_trades(
      market text not null,
      first_id bigint not null,
      last_id bigint not null check (last_id >= first_id),
      primary key (market, first_id));
    insert into matching.settled_trades select market, 1, max(trade_id) from matching.trade group by market;
  end if;
end $$;

-- What was traded in each stretch of time, of every interval; there is none where nothing was. Volumes may exceed a bigint.
create table if not exists matching.candle(
  market text not null,
  seconds int not null check (seconds > 0),
  start_seconds bigint not null, -- since 1970
  open bigint not null,
  high bigint not null,
  low bigint not null,
  close bigint not null,
  base numeric not null,
  quote numeric not null,
  trades bigint not null check (trades > 0),
  primary key (market, seconds, start_seconds)) with (fillfactor = 80); -- room for updates of the running ones

-- What a market takes, as order-svc decides by it, to be shown: the numbers of sagax.market.v1.MarketState.
create table if not exists matching.market_state(
  market text primary key,
  state smallint not null);
