package dev.sagax.settle.store;

import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.data.Numeric;
import java.math.BigInteger;
import java.util.Collection;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** Rows turned into the arrays that unnest takes, in the order of the calls. */
final class Columns<T> {
  private final Collection<T> rows;
  private final Tuple tuple;

  private Columns(Collection<T> rows, Tuple tuple) {
    this.rows = rows;
    this.tuple = tuple;
  }

  static <T> Columns<T> of(Collection<T> rows) {
    return new Columns<>(rows, Tuple.tuple());
  }

  /** The same parameters go on with columns of other rows. */
  <U> Columns<U> then(Collection<U> others) {
    return new Columns<>(others, tuple);
  }

  Columns<T> value(Object value) {
    tuple.addValue(value);
    return this;
  }

  Columns<T> ids(Function<T, String> id) {
    tuple.addValue(rows.stream().map(id).map(Ids::uuid).toArray(UUID[]::new));
    return this;
  }

  Columns<T> longs(ToLongFunction<T> value) {
    tuple.addValue(rows.stream().mapToLong(value).boxed().toArray(Long[]::new));
    return this;
  }

  /** Whole numbers of any size. */
  Columns<T> numbers(Function<T, BigInteger> value) {
    tuple.addValue(
        rows.stream().map(row -> Numeric.create(value.apply(row))).toArray(Numeric[]::new));
    return this;
  }

  Columns<T> longsOrNulls(Function<T, Long> value) {
    tuple.addValue(rows.stream().map(value).toArray(Long[]::new));
    return this;
  }

  Columns<T> ints(ToIntFunction<T> value) {
    tuple.addValue(rows.stream().mapToInt(value).boxed().toArray(Integer[]::new));
    return this;
  }

  Columns<T> codes(ToIntFunction<T> value) {
    tuple.addValue(rows.stream().map(row -> (short) value.applyAsInt(row)).toArray(Short[]::new));
    return this;
  }

  Columns<T> texts(Function<T, String> value) {
    tuple.addValue(rows.stream().map(value).toArray(String[]::new));
    return this;
  }

  Tuple tuple() {
    return tuple;
  }
}
