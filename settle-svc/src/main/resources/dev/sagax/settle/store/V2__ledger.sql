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
  holds bigint not null,                    -- flow 1: placed so far; flow 2: ended so far; flow 3: placed less ended so far
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

-- The journal is four tables, a row for each record that moved units: hold, leg, transfer and withdrawal_end. The view entry shows
-- it as double entry. Of all rows only the figures of a hold ever change.

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
  verdict smallint not null,         -- 1 held, 2 insufficient funds, 3 declined by the caller, 10 account frozen
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

-- An account's statement: what each log did to it, in the log's order.
create index if not exists hold_of_account on ledger.hold(account, partition, position) where verdict = 1;
create index if not exists leg_of_account on ledger.leg(account, partition, position, leg);

-- Every decided transfer, for ever: its id is never decided twice.
create table if not exists ledger.transfer(
  transfer_id uuid primary key,
  partition int not null,
  position bigint not null,          -- in transfer.requested
  account text not null,
  request_id text not null,
  direction smallint not null,       -- Transfer.Direction.code: 1 deposit, 2 withdrawal at once, 3 withdrawal held first
  asset text not null,
  amount bigint not null,
  time_micros bigint not null,
  verdict smallint not null,         -- 1 done (3: held), 2 insufficient funds, 3 supply limit, 10 account frozen, 11 external id used
  unique (partition, position)
);
alter table ledger.transfer add column if not exists external_id text not null default '';
create index if not exists transfer_of_account on ledger.transfer(account, partition, position) where verdict = 1;

-- How a held withdrawal ended, for ever: it ends once.
create table if not exists ledger.withdrawal_end(
  transfer_id uuid primary key,
  partition int not null,
  position bigint not null,          -- in transfer.requested
  account text not null,
  asset text not null,
  amount bigint not null,
  ending smallint not null,          -- WithdrawalEnd.Ending.code: 1 confirmed, 2 returned
  operator text not null,
  reason text not null,              -- in the operator's words
  time_micros bigint not null,
  unique (partition, position)
);
create index if not exists withdrawal_end_of_account on ledger.withdrawal_end(account, partition, position);

-- What operators decided about accounts; the last row of an account says whether it is frozen.
create table if not exists ledger.account_freeze(
  account text not null,
  position bigint not null,          -- in transfer.requested, whose partition is the account's for ever
  partition int not null,
  frozen boolean not null,
  operator text not null,
  reason text not null,
  time_micros bigint not null,
  primary key (account, position)
);
create index if not exists account_freeze_of_partition on ledger.account_freeze(partition, position);

-- Which deposit an id of the world outside belongs to, for ever. Partitions share it, so it is claimed before the ledger is
-- asked: whoever claims first, in whichever order its log is read again, has it.
create table if not exists ledger.external_id(
  external_id text primary key,
  transfer_id uuid not null
);

-- The journal as double entry: units into a bucket (above zero) or out of it. The entries of a position sum to zero per asset.
--   flow    1 hold, 2 settle, 3 transfer
--   bucket  Bucket.code: 1 available, 2 held, 3 fees (the account is who paid), 4 outside of the exchange
--   kind    1 hold, 2 settle, 3 release, 4 deposit, 5 withdrawal, 6 withdrawal held, 7 confirmed, 8 returned
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
  (case t.direction when 3 then 2 else 4 end, case t.direction when 1 then -t.amount else t.amount end),
  (1, case t.direction when 1 then t.amount else -t.amount end)) as e(bucket, units)
where t.verdict = 1
union all
select 3, w.partition, w.position, w.account, w.asset, e.bucket, e.units, w.transfer_id, w.ending + 6, w.time_micros
from ledger.withdrawal_end w
cross join lateral (values (2, -w.amount), (case w.ending when 1 then 4 else 1 end, w.amount)) as e(bucket, units);

-- Every hold that has not ended: of orders, and of withdrawals, in the partition of whose account it is.
create or replace view ledger.open_hold as
select order_id as subject, partition, account, asset, hold_left, left_units, time_micros, false as withdrawal from ledger.hold
where verdict = 1 and left_units > 0
union all
select transfer_id, partition, account, asset, amount, amount, time_micros, true from ledger.transfer t
where direction = 3 and verdict = 1
  and not exists (select from ledger.withdrawal_end w where w.transfer_id = t.transfer_id);
