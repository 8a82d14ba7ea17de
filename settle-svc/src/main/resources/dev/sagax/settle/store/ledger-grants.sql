-- What settle-svc may do with its tables, beyond reading all of them and keeping its step. The journal is written once: a row is
-- never changed and never deleted, but for the figures of a hold, which say how much of it is left.
grant insert on ledger.hold, ledger.leg, ledger.transfer, ledger.withdrawal_end, ledger.account_freeze, ledger.external_id,
  ledger.external_id_again to :role;
grant update (hold_left, left_units, filled, filled_quote, fee) on ledger.hold to :role;
-- The audit's memory can be folded from the journal again, so it may be thrown away.
grant insert, update on ledger.epoch to :role;
grant insert, update, delete on ledger.audit, ledger.checkpoint, ledger.checkpoint_sum, ledger.checkpoint_position, ledger.checkpoint_page to :role;
