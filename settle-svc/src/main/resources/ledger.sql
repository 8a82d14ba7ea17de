-- What PostgreSQL remembers of the ledger. Every statement is repeatable; the schema exists when it runs.

-- The building of the ledger in Redis that this journal belongs to.
create table if not exists ledger.epoch(
  single boolean primary key default true check (single),
  epoch bigint not null
);

-- Every decision on a hold, also refusals, for ever: a position asked for again is answered from here. One row an order.
create table if not exists ledger.hold(
  order_id uuid primary key,
  partition int not null,
  position bigint not null,          -- in order.requested
  account text not null,
  asset text not null,
  amount bigint not null,            -- asked for
  hold_left bigint not null,         -- still held
  left_units bigint not null,        -- can still be filled, in the unit the hold counts
  filled bigint not null,            -- base units so far
  filled_quote bigint not null,      -- quote units so far
  fee bigint not null,               -- in the received asset, so far
  time_micros bigint not null,
  verdict smallint not null,         -- 1 held, 2 insufficient funds
  open boolean not null,
  unique (partition, position)
) with (fillfactor = 80);
create index if not exists hold_open on ledger.hold(order_id) where open;

-- The double-entry journal, append-only. The lines of a position sum to zero per asset.
create table if not exists ledger.entry(
  flow smallint not null,            -- Flow.code
  partition int not null,
  position bigint not null,
  line int not null,
  account text not null,
  asset text not null,
  bucket smallint not null,          -- Bucket.code
  units bigint not null,             -- above zero: into the bucket
  subject uuid not null,             -- order or transfer
  kind smallint not null,            -- PostingKind.code
  time_micros bigint not null,
  primary key (flow, partition, position, line)
);

-- Every decided transfer, for ever: its id is never decided twice.
create table if not exists ledger.transfer(
  transfer_id uuid primary key,
  partition int not null,
  position bigint not null,          -- in transfer.requested
  account text not null,
  request_id text not null,
  direction smallint not null,       -- Transfer.Direction.code
  asset text not null,
  amount bigint not null,
  time_micros bigint not null,
  verdict smallint not null          -- 1 completed, 2 insufficient funds, 3 supply limit
);
