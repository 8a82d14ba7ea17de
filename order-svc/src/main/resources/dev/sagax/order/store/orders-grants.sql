-- What order-svc may do with its tables, beyond reading all of them and keeping its step. No order is ever deleted.
grant insert, update on orders.orders, orders.market_status, orders.cancelled_to to :role;
grant insert on orders.cancelled_before to :role;
grant insert, update, delete on orders.cancel_after to :role;
