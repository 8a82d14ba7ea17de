package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.ListTransfersRequest;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.auth.v1.MethodClass;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.ListTradesResponse;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Mallory names Alice's things wherever the contract lets a caller name a thing, and learns and
 * changes nothing: the answer is the one about a thing that nobody has. What a field of a request
 * names stands below for every text of every method that reflection finds; a new one fails the test
 * until it is stated what it names.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OthersObjectsTest {
  private static final Set<Scope> CUSTOMER = EnumSet.of(Scope.READ, Scope.TRADE, Scope.TRANSFER);
  private static final Set<MethodClass> LOOKING =
      EnumSet.of(MethodClass.METHOD_CLASS_READ, MethodClass.METHOD_CLASS_WATCH);

  private static final String ORDER = "order_id";
  private static final String ORDER_NAME = "client_order.client_order_id";
  private static final String TRANSFER = "transfer_id";
  private static final String PAGE = "page_token";
  private static final String CURSOR = "cursor";

  /** A name that Alice has given to an order, and nobody has cancelled. */
  private static final String TAKEN = "of-alice-too";

  /** What is an account's own, with the reason for which another's is refused. */
  private static final Map<String, String> OBJECTS =
      Map.of(
          ORDER, "ORDER_NOT_FOUND",
          ORDER_NAME, "ORDER_NOT_FOUND",
          TRANSFER, "TRANSFER_NOT_FOUND",
          PAGE, "INVALID_PAGE_TOKEN",
          CURSOR, "INVALID_CURSOR");

  /** Names that a caller gives to his own: the same word of two accounts means two things. */
  private static final Set<String> OWN_NAMES =
      Set.of("client_order_id", "new_client_order_id", "request_id");

  /** Names nothing that is anybody's, and why. */
  private static final Map<String, String> NOBODYS =
      Map.of(
          "market", "markets are everybody's",
          "markets", "markets are everybody's",
          "asset", "assets are everybody's",
          "price", "a number",
          "quantity", "a number",
          "quote_amount", "a number",
          "amount", "a number",
          "group", "a number");

  /** Pages and cursors of market data: everybody sees the same list. */
  private static final Map<String, String> EVERYBODYS =
      Map.of(
          "sagax.market.v1.MarketDataService/ListTrades#page_token",
          "see anothersPlaceInTheTradesShowsNoneOfHisOrders",
          "sagax.market.v1.MarketDataService/ListCandles#page_token",
          "candles say nothing of accounts",
          "sagax.market.v1.MarketDataService/WatchOrderBook#cursor",
          "price levels say nothing of accounts",
          "sagax.market.v1.MarketDataService/WatchTrades#cursor",
          "its trades have no order ids",
          "sagax.market.v1.MarketDataService/WatchTicker#cursor",
          "tickers say nothing of accounts");

  /** A text of a request, as a path of field names. */
  private record Field(Contract.Method method, List<FieldDescriptor> path) {
    String name() {
      return String.join(".", path.stream().map(FieldDescriptor::getName).toList());
    }

    String last() {
      return path.getLast().getName();
    }

    /** What stands in the table: the whole path, or what its last name is anywhere. */
    String object() {
      return OBJECTS.containsKey(name()) ? name() : last();
    }

    @Override
    public String toString() {
      return method.name() + "#" + name();
    }
  }

  private final List<Field> fields = new ArrayList<>();
  private Contract contract;
  private TestExchange exchange;
  private Trader alice;
  private Trader mallory;
  private String market;
  private Order order;
  private Transfer transfer;
  private Object before;

  @BeforeAll
  void use(TestExchange shared) throws Exception {
    exchange = shared;
    contract = Contract.of(exchange);
    market = exchange.market();
    alice = exchange.trader("alice").fund("USD", "1000").fund("BTC", "10");
    mallory = exchange.trader("mallory").fund("USD", "1000").fund("BTC", "10");
    alice.buy(market, "1", "90");
    order = alice.place(named("of-alice-alone", "100"));
    alice.place(named(TAKEN, "80"));
    mallory.sell(market, "0.25", "100");
    mallory.sell(market, "0.25", "100");
    transfer = alice.withdraw("USD", "1", "of-alice-alone");
    contract
        .methods()
        .forEach(method -> texts(method, method.descriptor().getInputType(), List.of()));
    Eventually.passes(() ->
        assertThat(trades(alice, 10, "").getTrades(0).getMakerOrderId())
            .isEqualTo(order.getOrderId()));
    before = everythingOf(alice);
  }

  private PlaceOrderRequest.Builder named(String name, String price) {
    return alice
        .order(market)
        .setClientOrderId(name)
        .setLimit(Trader.limit(Side.SIDE_BUY, "1", price, TimeInForce.TIME_IN_FORCE_GTC));
  }

  private void texts(Contract.Method method, Descriptor type, List<FieldDescriptor> prefix) {
    for (FieldDescriptor field : type.getFields()) {
      List<FieldDescriptor> path = Stream.concat(prefix.stream(), Stream.of(field)).toList();
      if (field.getJavaType() == JavaType.MESSAGE) {
        texts(method, field.getMessageType(), path);
      } else if (field.getJavaType() == JavaType.STRING
          || field.getJavaType() == JavaType.BYTE_STRING) {
        fields.add(new Field(method, path));
      }
    }
  }

  private static Object everythingOf(Trader trader) {
    return List.of(
        trader.balances(),
        trader.list("", false, 500),
        trader.assets().listTransfers(ListTransfersRequest.getDefaultInstance()));
  }

  @AfterAll
  void nothingOfAliceHasChanged() {
    assertThat(everythingOf(alice)).isEqualTo(before);
    exchange.assertConserved();
  }

  private static boolean isForCustomers(Contract.Method method) {
    return method.scopes().stream().anyMatch(CUSTOMER::contains);
  }

  @Test
  void ofEveryTextOfEveryMethodForCustomersItIsStatedWhatItNames() {
    assertThat(fields).extracting(Field::method).filteredOn(m -> isForCustomers(m)).isNotEmpty();
    assertThat(fields)
        .filteredOn(field -> isForCustomers(field.method()))
        .allSatisfy(field ->
            assertThat(
                    OBJECTS.containsKey(field.object())
                        || OWN_NAMES.contains(field.last())
                        || NOBODYS.containsKey(field.last()))
                .as("It is stated whose %s is.", field)
                .isTrue());
    assertThat(fields).extracting(Field::toString).containsAll(EVERYBODYS.keySet());
    assertThat(fields).extracting(Field::object).containsAll(OBJECTS.keySet());
    assertThat(fields).extracting(Field::last).containsAll(OWN_NAMES).containsAll(NOBODYS.keySet());
  }

  @TestFactory
  Stream<DynamicTest> anothersObjectIsAnsweredAsOneThatNobodyHas() {
    List<Field> named =
        fields.stream()
            .filter(field -> isForCustomers(field.method()))
            .filter(field -> OBJECTS.containsKey(field.object()))
            .filter(field -> !EVERYBODYS.containsKey(field.toString()))
            .toList();
    assertThat(named).hasSizeGreaterThanOrEqualTo(10);
    return named.stream()
        .map(field -> DynamicTest.dynamicTest(field.toString(), () -> isRefused(field)));
  }

  private void isRefused(Field field) throws Exception {
    String foreign = ofAlice(field);
    byte[] request = request(field, foreign);
    if (LOOKING.contains(field.method().rights().getMethodClass()) && !field.method().isStream()) {
      // So that it is her object that is refused, and no typo; a stream would say nothing for long.
      RawCall.send(field.method().channel(), alice.token(), field.method().name(), request);
    }

    StatusRuntimeException refused = refusal(field.method(), mallory.token(), request);
    String nobodys = nobodys(field);
    StatusRuntimeException unknown =
        refusal(field.method(), mallory.token(), request(field, nobodys));

    assertThat(Refused.of(refused).reason()).isEqualTo(OBJECTS.get(field.object()));
    assertThat(saying(refused, foreign)).isEqualTo(saying(unknown, nobodys));
  }

  private static String saying(StatusRuntimeException refused, String object) {
    return (refused.getStatus() + " " + Refused.of(refused)).replace(object, "(object)");
  }

  private static StatusRuntimeException refusal(
      Contract.Method method, String token, byte[] request) {
    try {
      RawCall.send(method.channel(), token, method.name(), request);
    } catch (StatusRuntimeException refused) {
      return refused;
    }
    throw new AssertionError(method.name() + " was not refused");
  }

  private String ofAlice(Field field) throws Exception {
    return switch (field.object()) {
      case ORDER -> order.getOrderId();
      case ORDER_NAME -> order.getClientOrderId();
      case TRANSFER -> transfer.getTransferId();
      case PAGE -> pageToken(field.method());
      case CURSOR -> firstCursor(field.method(), right(field.method()).build().toByteArray());
      default -> throw new AssertionError("No object: " + field);
    };
  }

  private static String nobodys(Field field) {
    return switch (field.object()) {
      case ORDER, TRANSFER -> "0123456789abcdef".repeat(2);
      case ORDER_NAME -> "of-nobody";
      default -> "AAAA";
    };
  }

  /** Of the page that follows Alice's first. */
  private String pageToken(Contract.Method method) throws Exception {
    var answer =
        RawCall.begin(
                method.channel(),
                CallOptions.DEFAULT,
                method.name(),
                bearer(alice.token()),
                right(method).build().toByteArray())
            .get(20, TimeUnit.SECONDS);
    assertThat(answer.status().isOk()).as(method + " " + answer.status()).isTrue();
    String token = text(method, answer.message(), "next_page_token");
    assertThat(token).as("Alice has more than a page of " + method.name()).isNotEmpty();
    return token;
  }

  private static Metadata bearer(String token) {
    var headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return headers;
  }

  /** The first cursor of Alice's stream. */
  private String firstCursor(Contract.Method method, byte[] request) throws Exception {
    return RawCall.untilAnswered(
        method.channel(),
        method.name(),
        bearer(alice.token()),
        request,
        message -> text(method, message, CURSOR));
  }

  private static String text(Contract.Method method, byte[] message, String field) {
    try {
      DynamicMessage read = DynamicMessage.parseFrom(method.descriptor().getOutputType(), message);
      return (String) read.getField(read.getDescriptorForType().findFieldByName(field));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  // ---- requests

  private byte[] request(Field field, String object) {
    DynamicMessage.Builder request = right(field.method());
    set(request, field.path(), object);
    return request.build().toByteArray();
  }

  private void set(Message.Builder message, List<FieldDescriptor> path, String value) {
    FieldDescriptor field = path.getFirst();
    if (path.size() == 1) {
      message.setField(field, value);
      return;
    }
    Message.Builder inner = filled(field.getMessageType());
    set(inner, path.subList(1, path.size()), value);
    message.setField(field, inner.build());
  }

  private DynamicMessage.Builder right(Contract.Method method) {
    return filled(method.descriptor().getInputType());
  }

  /** What such a request needs apart from the object; pages of one item. */
  private DynamicMessage.Builder filled(Descriptor type) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      switch (field.getName()) {
        case "market" -> message.setField(field, market);
        case "quantity" -> message.setField(field, "0.5");
        case "page_size" -> message.setField(field, 1);
        case "interval" -> message.setField(field, field.getEnumType().findValueByNumber(1));
        default -> {}
      }
    }
    return message;
  }

  // ---- methods that are no customer's

  @TestFactory
  Stream<DynamicTest> methodsThatNameAnyAccountsObjectsAreNoCustomers() {
    List<Contract.Method> others =
        contract.methods().stream().filter(method -> !isForCustomers(method)).toList();
    assertThat(others).hasSizeGreaterThanOrEqualTo(10);
    return others.stream()
        .map(method ->
            DynamicTest.dynamicTest(
                method.name(),
                () -> {
                  DynamicMessage.Builder request = right(method);
                  fields.stream()
                      .filter(field -> field.method().equals(method) && field.path().size() == 1)
                      .filter(field -> !field.path().getFirst().isRepeated())
                      .forEach(field -> set(request, field.path(), alicesWord(field)));
                  StatusRuntimeException refused =
                      refusal(method, mallory.token(), request.build().toByteArray());
                  assertThat(Refused.of(refused).reason()).isEqualTo("SCOPE_MISSING");
                  assertThat(refused.getMessage()).doesNotContain(alice.account());
                }));
  }

  private String alicesWord(Field field) {
    return switch (field.last()) {
      case "account" -> alice.account();
      case ORDER -> order.getOrderId();
      case TRANSFER -> transfer.getTransferId();
      case "market" -> market;
      default -> "1";
    };
  }

  // ---- what is everybody's, and names of one's own

  @Test
  void anothersPlaceInTheTradesShowsNoneOfHisOrders() {
    String place = trades(alice, 1, "").getNextPageToken();

    ListTradesResponse seen = trades(mallory, 10, place);

    assertThat(seen.getTradesCount()).isEqualTo(1);
    assertThat(seen.toString()).doesNotContain(order.getOrderId());
    assertThat(trades(alice, 10, place).toString()).contains(order.getOrderId());
  }

  private ListTradesResponse trades(Trader viewer, int size, String page) {
    return viewer
        .markets()
        .listTrades(
            ListTradesRequest.newBuilder()
                .setMarket(market)
                .setPageSize(size)
                .setPageToken(page)
                .build());
  }

  @Test
  void nameThatAnotherHasGivenIsFreeAndMeansOnesOwn() {
    Order own =
        mallory.place(
            mallory
                .order(market)
                .setClientOrderId(TAKEN)
                .setLimit(order.getLimit().toBuilder().setPrice("10")));
    Order replaced = mallory.replace(own, "", "11", "of-mallory").getOrder();
    Transfer withdrawn = mallory.withdraw("USD", "2", transfer.getRequestId());

    assertThat(Arrays.asList(own.getOrderId(), replaced.getOrderId()))
        .doesNotContain(order.getOrderId())
        .doesNotHaveDuplicates();
    assertThat(withdrawn.getTransferId()).isNotEqualTo(transfer.getTransferId());
    assertThat(withdrawn.getAmount()).isEqualTo("2");
  }

  @Test
  void cancelOfAllOrdersIsOfTheCallersOwn() {
    Order own = mallory.sell(market, "0.1", "1000");

    List<String> cancelled = mallory.cancelAll().getOrderIdsList();

    assertThat(cancelled).contains(own.getOrderId()).doesNotContain(order.getOrderId());
  }
}
