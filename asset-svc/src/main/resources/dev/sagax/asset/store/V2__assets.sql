-- Transfers as their owners see them. Written by asset-svc's step only, in one transaction with its positions.
CREATE TABLE IF NOT EXISTS assets.transfers (
  transfer_id   text PRIMARY KEY,
  kind          text NOT NULL CHECK (kind IN ('DEPOSIT', 'WITHDRAWAL')),
  account       text NOT NULL,
  request_id    text NOT NULL,
  asset         text NOT NULL,
  amount_units  bigint NOT NULL CHECK (amount_units > 0),
  create_micros bigint NOT NULL,
  outcome       text NOT NULL
);
-- Outcomes: those of dev.sagax.asset.Transfer.Outcome. The table once listed them itself.
ALTER TABLE assets.transfers DROP CONSTRAINT IF EXISTS transfers_outcome_check;
ALTER TABLE assets.transfers ADD COLUMN IF NOT EXISTS external_id text NOT NULL DEFAULT '';
-- When its funds were last held, confirmed or returned; 0 if it has no such stages.
ALTER TABLE assets.transfers ADD COLUMN IF NOT EXISTS stage_micros bigint NOT NULL DEFAULT 0;
-- What the operator said who confirmed or returned it.
ALTER TABLE assets.transfers ADD COLUMN IF NOT EXISTS note text NOT NULL DEFAULT '';

-- An account's transfers, newest first.
CREATE INDEX IF NOT EXISTS transfers_by_account ON assets.transfers (account, create_micros DESC, transfer_id DESC);

-- How far each partition of transfer.requested is recorded in assets.transfers.
CREATE TABLE IF NOT EXISTS assets.recorded_to (
  partition integer PRIMARY KEY,
  position  bigint NOT NULL
);
