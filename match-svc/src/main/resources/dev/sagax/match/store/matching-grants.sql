-- What match-svc may do with its tables, beyond reading all of them and keeping its step. Of a trade only changes whether it was undone.
grant insert, update, delete on matching.resting_order to :role;
grant insert on matching.trade to :role;
grant update (cancelled) on matching.trade to :role;
grant insert, update on matching.settled_trades, matching.candle, matching.market_state to :role;
