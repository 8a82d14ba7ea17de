-- What asset-svc may do with its tables, beyond reading all of them and keeping its step. No transfer is ever deleted.
grant insert, update on assets.transfers, assets.recorded_to to :role;
