-- What became of the claims of an external id that came later, each decided once: a deposit that the ledger has rejected gives
-- its id up to the next one, which has the next turn. 0 for one that came while the id was another's.
create table if not exists ledger.external_id_again(
  transfer_id uuid primary key,
  external_id text not null,
  turn int not null
);
create unique index if not exists external_id_turn on ledger.external_id_again(external_id, turn) where turn > 0;
