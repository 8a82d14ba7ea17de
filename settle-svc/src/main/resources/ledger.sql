-- What PostgreSQL remembers of the ledger. Every statement is repeatable; the schema exists when it runs.

-- The building of the ledger in Redis that this journal belongs to, and whether it takes orders.
create table if not exists ledger.epoch(
  single boolean primary key default true check (single),
  epoch bigint not null,
  state text not null default 'OPEN' check (state in ('OPEN', 'CANCEL_ONLY', 'REPLAYING')),
  reason text not null default '',          -- a whole sentence; empty while open
  since_micros bigint not null default 0    -- when it came into this state; 0: it has always been in it
);

-- What the audit that runs by itself keeps; all of it belongs to one epoch and can be folded from the journal again. One
-- replica audits: it takes the turn, and each of its writes names the pass that it read, so whoever has lost the turn writes nothing.
create table if not exists ledger.audit(
  single boolean primary key default true check (single),
  epoch bigint not null,
  pass bigint not null,                     -- moved with every move of the checkpoint
  auditor text not null,                    -- whose turn it is
  turn_micros bigint not null,              -- when it was last taken
  verified_micros bigint not null           -- when all that was looked at was last found right; 0: never
);

-- The journal folded up to checkpoint_position. One log may be folded far beyond another, so that what is between them, holds
-- that were all placed and not yet released, is more than a bigint holds.
create table if not exists ledger.checkpoint(
  account text not null,
  asset text not null,
  available numeric not null,
  held numeric not null,
  primary key (account, asset)
) with (fillfactor = 50);

create table if not exists ledger.checkpoint_sum(
  asset text primary key,
  fees numeric not null,
  external numeric not null
);

create table if not exists ledger.checkpoint_position(
  flow int not null,                        -- as in the view entry
  partition int not null,
  position bigint not null,
  holds bigint not null,                    -- flow 1: holds placed so far; flow 2: holds ended so far
  primary key (flow, partition)
);

-- A stretch of the journal as it was when it was folded: how many rows, and a digest of what never changes in them.
create table if not exists ledger.checkpoint_page(
  flow int not null,
  partition int not null,
  after_position bigint not null,
  to_position bigint not null,
  row_count bigint not null,
  digest bigint not null,
  primary key (flow, partition, after_position)
);

-- The journal is three tables, a row for each record that moved units: hold, leg and transfer. The view entry shows it as
-- double entry. Of all rows only the figures of a hold ever change.

-- Every decision on a hold, also refusals, for ever: a position asked for again is answered from here. One row an order, with
-- the order's figures so far. No index has a column that changes, and pages keep room for a
-- second version of each row: so an update, which soon follows, writes no index (HOT).
create table if not exists ledger.hold(
  order_id uuid primary key,
  position bigint not null,          -- in order.requested
  amount bigint not null,            -- asked for
  hold_left bigint not null,         -- still held
  left_units bigint not null,        -- can still be filled, in the unit the hold counts; 0: the hold has ended
  filled bigint not null,            -- base units so far
  filled_quote bigint not null,      -- quote units so far
  fee bigint not null,               -- in the received asset, so far
  time_micros bigint not null,
  partition int not null,
  verdict smallint not null,         -- 1 held, 2 insufficient funds, 3 declined by the caller
  account text not null,
  asset text not null,
  unique (partition, position)
) with (fillfactor = 50);

-- What each settled outcome did to each of its orders.
create table if not exists ledger.leg(
  position bigint not null,          -- in settle.requested
  partition int not null,
  leg int not null,                  -- numbers the legs of a position from 0
  order_id uuid not null,
  pay bigint not null,               -- left the hold, in pay_asset
  released bigint,                   -- the remainder of the hold, in pay_asset; null: the hold goes on
  receive bigint not null,           -- after the fee, in receive_asset
  fee bigint not null,               -- in receive_asset
  time_micros bigint not null,
  account text not null,
  pay_asset text not null,
  receive_asset text not null,
  primary key (partition, position, leg)
);

-- The saga of an order shows what was settled of it last, also of one that rests for days and is filled ever again: in the order
-- of positions, so that the newest legs are read and not all of them. (By order_id alone, as it once was, it was measured with
-- batches of 250 into a table of 1.5 million legs: 6 us of CPU and 370 bytes of WAL a leg.)
drop index if exists ledger.leg_by_order;
create index if not exists leg_of_order on ledger.leg(order_id, position);

-- Every decided transfer, for ever: its id is never decided twice.
create table if not exists ledger.transfer(
  transfer_id uuid primary key,
  partition int not null,
  position bigint not null,          -- in transfer.requested
  account text not null,
  request_id text not null,
  direction smallint not null,       -- Transfer.Direction.code: 1 deposit, 2 withdrawal
  asset text not null,
  amount bigint not null,
  time_micros bigint not null,
  verdict smallint not null,         -- 1 completed, 2 insufficient funds, 3 supply limit
  unique (partition, position)
);

-- The journal as double entry: units into a bucket (above zero) or out of it. The entries of a position sum to zero per asset.
--   flow    1 hold, 2 settle, 3 transfer
--   bucket  Bucket.code: 1 available, 2 held, 3 fees (the account is who paid), 4 outside of the exchange
--   kind    1 hold, 2 settle, 3 release, 4 deposit, 5 withdrawal
create or replace view ledger.entry as
select 1 as flow, h.partition, h.position, h.account, h.asset, e.bucket, e.units, h.order_id as subject, 1 as kind, h.time_micros
from ledger.hold h
cross join lateral (values (1, -h.amount), (2, h.amount)) as e(bucket, units)
where h.verdict = 1
union all
select 2, l.partition, l.position, l.account, e.asset, e.bucket, e.units, l.order_id, e.kind, l.time_micros
from ledger.leg l
cross join lateral (values
  (l.pay_asset, 2, -l.pay, 2), (l.receive_asset, 1, l.receive, 2), (l.receive_asset, 3, l.fee, 2),
  (l.pay_asset, 2, -l.released, 3), (l.pay_asset, 1, l.released, 3)) as e(asset, bucket, units, kind)
where e.units <> 0
union all
select 3, t.partition, t.position, t.account, t.asset, e.bucket, e.units, t.transfer_id, t.direction + 3, t.time_micros
from ledger.transfer t
cross join lateral (values
  (4, case t.direction when 1 then -t.amount else t.amount end),
  (1, case t.direction when 1 then t.amount else -t.amount end)) as e(bucket, units)
where t.verdict = 1;
