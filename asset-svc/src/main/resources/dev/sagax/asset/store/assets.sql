-- Transfers as their owners see them. Written by asset-svc's step only, in one transaction with its positions.
CREATE TABLE IF NOT EXISTS assets.transfers (
  transfer_id   text PRIMARY KEY,
  kind          text NOT NULL CHECK (kind IN ('DEPOSIT', 'WITHDRAWAL')),
  account       text NOT NULL,
  request_id    text NOT NULL,
  asset         text NOT NULL,
  amount_units  bigint NOT NULL CHECK (amount_units > 0),
  create_micros bigint NOT NULL,
  outcome       text NOT NULL CHECK (outcome IN ('PENDING', 'COMPLETED', 'INSUFFICIENT_FUNDS', 'SUPPLY_LIMIT'))
);

-- An account's transfers, newest first.
CREATE INDEX IF NOT EXISTS transfers_by_account ON assets.transfers (account, create_micros DESC, transfer_id DESC);

-- How far each partition of transfer.requested is recorded in assets.transfers.
CREATE TABLE IF NOT EXISTS assets.recorded_to (
  partition integer PRIMARY KEY,
  position  bigint NOT NULL
);
