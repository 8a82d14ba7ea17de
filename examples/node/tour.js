// A tour of the whole API by a client that knows an address and tokens, and asks the exchange itself for all the rest
// (server reflection): funds, every kind of order, five streams, amendments, cancels, withdrawals, the statement.
// It checks each answer, to the last digit, and ends with 1 at the first that is not as expected.

import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import descriptor from 'protobufjs/ext/descriptor/index.js';

const USAGE = `Usage: node tour.js [--help]

Needs an exchange, a market of it in which nobody else trades, and two accounts without funds:

  SAGAX_ADDRESSES       HOST:PORT of the services, separated by commas; which is where, the tour finds out
                        (127.0.0.1:9101,127.0.0.1:9102,127.0.0.1:9104 if not set)
  SAGAX_TOKEN           of the account that buys, with the scopes read, trade and transfer
  SAGAX_OTHER_TOKEN     of the account that sells, with the scopes read and trade
  SAGAX_OPERATOR_TOKEN  of an operator, who deposits, confirms and returns withdrawals, and freezes
  SAGAX_MARKET          BTC-USD if not set; a market with the same rules

It ends with 0 if everything was as expected, with 1 and what differed if not, with 2 if something is missing.`;

const DEADLINE_MILLIS = 20_000;
const PATIENCE_MILLIS = 30_000;
const TRIES = 5;
const SWITCH_SECONDS = 5;

if (process.argv.includes('--help')) {
  console.log(USAGE);
  process.exit(0);
}

const addresses = (process.env.SAGAX_ADDRESSES || '127.0.0.1:9101,127.0.0.1:9102,127.0.0.1:9104').split(',');
const MARKET = process.env.SAGAX_MARKET || 'BTC-USD';
const buyer = account('SAGAX_TOKEN');
const seller = account('SAGAX_OTHER_TOKEN');
const operator = account('SAGAX_OPERATOR_TOKEN');

// The account that a token is for is its subject.
function account(variable) {
  const token = process.env[variable];
  if (!token) refuse(`${variable} is not set.`);
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    return { name: claims.sub, token };
  } catch {
    return refuse(`${variable} is no JSON Web Token.`);
  }
}

function refuse(why) {
  console.error(`${why}\n\n${USAGE}`);
  process.exit(2);
}

// ---- what was published by others: how to ask by reflection, and how a gRPC status tells its details

const field = (type, id, rule) => ({ type, id, ...(rule && { rule }) });
const LOADING = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };
const published = protoLoader.fromJSON(
  {
    nested: {
      'grpc.reflection.v1': {
        nested: {
          ServerReflection: {
            methods: {
              ServerReflectionInfo: {
                requestType: 'Request',
                requestStream: true,
                responseType: 'Response',
                responseStream: true,
              },
            },
          },
          Request: {
            oneofs: { message_request: { oneof: ['file_by_filename', 'file_containing_symbol', 'list_services'] } },
            fields: {
              file_by_filename: field('string', 3),
              file_containing_symbol: field('string', 4),
              list_services: field('string', 7),
            },
          },
          Response: {
            oneofs: { message_response: { oneof: ['files', 'services', 'error'] } },
            fields: { files: field('Files', 4), services: field('Services', 6), error: field('Failure', 7) },
          },
          Files: { fields: { file_descriptor_proto: field('bytes', 1, 'repeated') } },
          Services: { fields: { service: field('Service', 1, 'repeated') } },
          Service: { fields: { name: field('string', 1) } },
          Failure: { fields: { error_code: field('int32', 1), error_message: field('string', 2) } },
        },
      },
      'google.rpc': {
        nested: {
          Status: { fields: { code: field('int32', 1), message: field('string', 2), details: field('Any', 3, 'repeated') } },
          Any: { fields: { type_url: field('string', 1), value: field('bytes', 2) } },
          ErrorInfo: { fields: { reason: field('string', 1), domain: field('string', 2) } },
          BadRequest: { fields: { field_violations: field('Violation', 1, 'repeated') } },
          Violation: { fields: { field: field('string', 1), description: field('string', 2) } },
        },
      },
    },
  },
  LOADING,
);
const { Status, ErrorInfo, BadRequest } = Object.fromEntries(
  ['Status', 'ErrorInfo', 'BadRequest'].map((name) => [name, published['google.rpc.' + name]]),
);

// ---- reflection

// Asks one address, question by question, what it serves and how that is spoken.
class Reflection {
  #stream;
  #answers;

  constructor(address) {
    const { ServerReflection } = grpc.loadPackageDefinition(published).grpc.reflection.v1;
    const client = new ServerReflection(address, grpc.credentials.createInsecure());
    this.#stream = client.serverReflectionInfo({ deadline: Date.now() + DEADLINE_MILLIS });
    this.#answers = this.#stream[Symbol.asyncIterator]();
  }

  async #ask(question) {
    this.#stream.write(question);
    const { value: answer, done } = await this.#answers.next();
    if (done || answer.error) throw new Error(`Asked for ${JSON.stringify(question)}: ${answer?.error?.error_message}`);
    return answer;
  }

  async services() {
    const { services } = await this.#ask({ list_services: '*' });
    return services.service.map(({ name }) => name);
  }

  // Adds the file that declares a service, and all that it imports.
  async describe(service, files) {
    const waiting = [{ file_containing_symbol: service }];
    while (waiting.length) {
      const answer = await this.#ask(waiting.shift());
      for (const bytes of answer.files.file_descriptor_proto) {
        const file = descriptor.FileDescriptorProto.decode(bytes);
        files.set(file.name, file);
      }
      const missing = [...files.values()].flatMap((file) => file.dependency).find((name) => !files.has(name));
      if (missing) waiting.push({ file_by_filename: missing });
    }
  }

  close() {
    this.#stream.end();
  }
}

// All services of the exchange, and a client for each at the address that serves it.
async function connect() {
  const places = new Map();
  const files = new Map();
  for (const address of addresses) {
    const reflection = new Reflection(address);
    for (const service of await reflection.services()) {
      if (!service.startsWith('sagax.') || places.has(service)) continue;
      places.set(service, address);
      await reflection.describe(service, files);
    }
    reflection.close();
  }
  const definition = protoLoader.loadFileDescriptorSetFromObject({ file: [...files.values()] }, LOADING);
  const clients = {};
  for (const [service, address] of places) {
    const Client = grpc.makeClientConstructor(definition[service], service);
    clients[service] = new Client(address, grpc.credentials.createInsecure());
  }
  return clients;
}

// ---- calls

function metadata(who) {
  const headers = new grpc.Metadata();
  headers.set('authorization', 'Bearer ' + who.token);
  return headers;
}

// UNAVAILABLE may mean that the outcome is unknown. The same call again is safe: it has the same ids.
async function call(client, method, who, request) {
  for (let tries = 1; ; tries++) {
    try {
      return await once(client, method, who, request);
    } catch (failure) {
      if (failure.code !== grpc.status.UNAVAILABLE || tries === TRIES) throw failure;
    }
  }
}

function once(client, method, who, request) {
  const options = { deadline: Date.now() + DEADLINE_MILLIS };
  return new Promise((resolve, reject) =>
    client[method](request, metadata(who), options, (failure, answer) => (failure ? reject(failure) : resolve(answer))),
  );
}

// How a call that must fail has failed: status, reason, and the field at fault.
async function refusal(call) {
  let failure;
  try {
    await call;
  } catch (thrown) {
    failure = thrown;
  }
  if (failure === undefined) throw new Difference('Expected a refusal, but the call was answered with OK');
  const [trailer] = failure.metadata?.get('grpc-status-details-bin') ?? [];
  if (trailer === undefined) throw failure;
  return { code: grpc.status[failure.code], ...details(Status.deserialize(trailer)) };
}

function details(status) {
  const found = {};
  for (const { type_url: type, value } of status.details) {
    if (type.endsWith('/google.rpc.ErrorInfo')) found.reason = ErrorInfo.deserialize(value).reason;
    if (type.endsWith('/google.rpc.BadRequest')) found.field = BadRequest.deserialize(value).field_violations[0].field;
  }
  return found;
}

// ---- checks

class Difference extends Error {}

// What is expected must be there, exactly; an object may have more fields than are expected of it.
function same(what, actual, expected) {
  if (expected !== null && typeof expected === 'object' && actual !== null && typeof actual === 'object') {
    if (Array.isArray(expected)) same(what + '.length', actual.length, expected.length);
    for (const [name, value] of Object.entries(expected)) same(`${what}.${name}`, actual[name], value);
  } else if (actual !== expected) {
    throw new Difference(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  }
}

// Amounts are decimal strings. They are added as whole numbers of the smallest digit: never as floating point numbers.
const DIGITS = 18;
function units(decimal) {
  const [, sign, whole, fraction] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  return BigInt(sign + whole + (fraction ?? '').padEnd(DIGITS, '0'));
}

const isSum = (result, ...parts) => units(result) === parts.map(units).reduce((sum, part) => sum + part, 0n);

// ---- streams

const streams = [];

// Everything that a stream has told.
class Stream {
  messages = [];
  #stream;
  #failure;
  #news = () => {};

  constructor(client, method, who, request) {
    this.#stream = client[method](request, metadata(who));
    this.#stream.on('data', (message) => {
      this.messages.push(message);
      this.#news();
    });
    this.#stream.on('error', (failure) => {
      this.#failure = failure;
      this.#news();
    });
    streams.push(this);
  }

  // The first thing that is found in what was told, now or later.
  async until(what, find) {
    const deadline = Date.now() + PATIENCE_MILLIS;
    for (;;) {
      const found = find(this.messages);
      if (found) return found;
      if (this.#failure) throw this.#failure;
      if (Date.now() > deadline) throw new Difference(`The stream has not told ${what}`);
      await this.#next(deadline);
    }
  }

  #next(deadline) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, deadline - Date.now()));
      this.#news = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close() {
    this.#stream.cancel();
  }
}

// A book as its stream tells it: absolute levels, numbered without a gap.
function bookOf(messages) {
  let last;
  let sides;
  for (const message of messages) {
    if (message.snapshot) sides = { bids: new Map(), asks: new Map() };
    else same('first_sequence', message.first_sequence, String(BigInt(last) + 1n));
    last = message.last_sequence;
    for (const side of ['bids', 'asks']) {
      for (const { price, quantity } of message[side]) {
        if (quantity === '0') sides[side].delete(price);
        else sides[side].set(price, quantity);
      }
    }
  }
  return sides && { bids: levels(sides.bids, -1n), asks: levels(sides.asks, 1n) };
}

const levels = (side, way) =>
  [...side]
    .sort(([one], [other]) => (way * (units(one) - units(other)) < 0n ? -1 : 1))
    .map(([price, quantity]) => `${quantity} @ ${price}`);

// ---- the tour

let step = 0;
const tell = (text) => console.log(`${String(++step).padStart(2)}. ${text}`);

async function tour() {
  const clients = await connect();
  const used = ['sagax.order.v1.OrderService', 'sagax.market.v1.MarketDataService', 'sagax.asset.v1.AssetService'];
  const missing = used.filter((service) => !clients[service]);
  if (missing.length) throw new Error(`Nobody of ${addresses.join(', ')} serves ${missing.join(', ')}`);
  const [orders, markets, assets] = used.map((service) => clients[service]);
  tell('By reflection: ' + used.join(', '));

  // Calls by what they do. Orders and cancels are awaited until they are settled.
  const place = async (who, id, terms) => {
    const request = { market: MARKET, client_order_id: id, wait: 'WAIT_SETTLED', ...terms };
    return (await call(orders, 'PlaceOrder', who, request)).order;
  };
  const limit = (side, quantity, price, time_in_force) => ({
    limit: { side: 'SIDE_' + side, quantity, price, ...(time_in_force && { time_in_force: 'TIME_IN_FORCE_' + time_in_force }) },
  });
  const named = (client_order_id) => ({ client_order: { market: MARKET, client_order_id } });
  const get = async (id) => (await call(orders, 'GetOrder', buyer, named(id))).order;
  const cancel = async (id) => (await call(orders, 'CancelOrder', buyer, { ...id, wait: 'WAIT_SETTLED' })).order;
  const list = (filter) => call(orders, 'ListOrders', buyer, { market: MARKET, ...filter });
  const deposit = async (who, asset, amount) => {
    const request = { account: who.name, asset, amount, request_id: 'tour-deposit' };
    return (await call(assets, 'Deposit', operator, request)).transfer;
  };
  const withdraw = async (id, amount) =>
    (await call(assets, 'Withdraw', buyer, { asset: 'USD', amount, request_id: id })).transfer;
  const decide = async (method, { transfer_id }, reason) =>
    (await call(assets, method, operator, { account: buyer.name, transfer_id, reason })).transfer;
  const balances = async (who) =>
    (await call(assets, 'GetBalances', who, {})).balances.map((b) => `${b.available} + ${b.held} ${b.asset}`);
  const has = async (who, ...expected) => same(`What ${who.name} has`, (await balances(who)).join(', '), expected.join(', '));
  const open = (status) => ({ status: 'ORDER_STATUS_' + status, reason: 'ORDER_REASON_UNSPECIFIED' });
  const closed = (status, reason) => ({ status: 'ORDER_STATUS_' + status, reason: 'ORDER_REASON_' + reason, remaining: '0' });

  // The market and its rules, from which every figure below follows.
  const { markets: all } = await call(markets, 'ListMarkets', buyer, {});
  const rules = all.find(({ name }) => name === MARKET);
  same('The market', rules, { name: MARKET, base_asset: 'BTC', quote_asset: 'USD', tick: '0.01', lot: '0.0001' });
  same('The market', rules, { min_notional: '1', maker_bps: 10, taker_bps: 20, state: 'MARKET_STATE_TRADING' });
  const before = await call(markets, 'GetOrderBook', buyer, { market: MARKET });
  same('The book, in which nobody else must trade,', before, { bids: [], asks: [] });
  const [old] = (await call(markets, 'ListTrades', buyer, { market: MARKET, page_size: 1 })).trades;
  await has(buyer);
  await has(seller);
  tell(`Market ${MARKET}: tick ${rules.tick}, lot ${rules.lot}, fees ${rules.maker_bps} and ${rules.taker_bps} basis points`);

  // Funds. The same deposit again counts once.
  const credited = await deposit(buyer, 'USD', '2000');
  same('The deposit', credited, { status: 'TRANSFER_STATUS_COMPLETED', account: buyer.name, amount: '2000' });
  same('The deposit again', await deposit(buyer, 'USD', '2000'), credited);
  same('The deposit of more', await refusal(deposit(buyer, 'USD', '2001')), {
    code: 'ALREADY_EXISTS',
    reason: 'ID_REUSED',
    field: 'request_id',
  });
  await deposit(seller, 'BTC', '1');
  await has(buyer, '2000 + 0 USD');
  await has(seller, '1 + 0 BTC');
  tell('Deposited: 2000 USD and 1 BTC, once each');

  // Five streams, each of which says first that it is open.
  const orderStream = new Stream(orders, 'WatchOrders', buyer, { market: MARKET, from_now: true });
  const balanceStream = new Stream(assets, 'WatchBalances', buyer, {});
  const bookStream = new Stream(markets, 'WatchOrderBook', buyer, { market: MARKET });
  const tradeStream = new Stream(markets, 'WatchTrades', buyer, { market: MARKET });
  const tickerStream = new Stream(markets, 'WatchTicker', buyer, { markets: [MARKET] });
  const first = ([message]) => message;
  same('The first of the orders', await orderStream.until('that it is open', first), { message: 'heartbeat' });
  same('The first of the balances', await balanceStream.until('the balances', first), {
    snapshot: { balances: [{ asset: 'USD', available: '2000', held: '0' }] },
  });
  same('The first of the book', await bookStream.until('the book', first), { snapshot: true, bids: [], asks: [] });
  same('The first of the trades', await tradeStream.until('that it is open', first), { trades: [] });
  same('The first of the tickers', await tickerStream.until('the ticker', first), { tickers: [{ market: MARKET }] });
  tell('Watching: orders, balances, book, trades, ticker');

  // Only checked.
  const checked = await place(buyer, 'checked', { ...limit('BUY', '0.01', '50000'), validate_only: true });
  same('The order that is only checked', checked, { status: 'ORDER_STATUS_UNSPECIFIED', version: '0' });
  same('It', await refusal(get('checked')), { code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND' });
  const offTick = place(buyer, 'checked', { ...limit('BUY', '0.01', '50000.001'), validate_only: true });
  same('A price off tick', await refusal(offTick), { code: 'INVALID_ARGUMENT', reason: 'OFF_TICK', field: 'limit.price' });
  tell('Validate only: nothing is placed, and a bad price is refused (OFF_TICK of limit.price)');

  // Good till cancelled. What it may cost is held; the same call again is the same order.
  const gtc = await place(buyer, 'gtc', limit('BUY', '0.01', '50000'));
  same('GTC', gtc, { ...open('OPEN'), client_order_id: 'gtc', filled_quantity: '0', remaining: '0.01', fee_asset: 'BTC' });
  same('GTC again', await place(buyer, 'gtc', limit('BUY', '0.01', '50000')), { order_id: gtc.order_id, remaining: '0.01' });
  same('GTC with other content', await refusal(place(buyer, 'gtc', limit('BUY', '0.01', '50001'))), {
    code: 'ALREADY_EXISTS',
    reason: 'ID_REUSED',
  });
  await has(buyer, '1500 + 500 USD');
  tell('GTC: rests, 500 USD held');

  const ioc = await place(seller, 'ioc', limit('SELL', '0.004', '50000', 'IOC'));
  same('IOC', ioc, { ...open('FILLED'), filled_quantity: '0.004', filled_quote: '200', fee: '0.4', fee_asset: 'USD' });
  const dear = await place(seller, 'ioc-2', limit('SELL', '0.001', '51000', 'IOC'));
  same('IOC above the best price', dear, { ...closed('EXPIRED', 'IMMEDIATE_OR_CANCEL'), filled_quantity: '0' });
  same('GTC', await get('gtc'), { ...open('PARTIALLY_FILLED'), filled_quote: '200', fee: '0.000004', remaining: '0.006' });
  tell('IOC: filled 0.004 for 200 USD, fee 0.4 USD; another expired');

  const tooMuch = await place(seller, 'fok', limit('SELL', '0.007', '50000', 'FOK'));
  same('FOK of too much', tooMuch, { ...closed('EXPIRED', 'FILL_OR_KILL'), filled_quantity: '0' });
  const fok = await place(seller, 'fok-2', limit('SELL', '0.001', '50000', 'FOK'));
  same('FOK', fok, { ...open('FILLED'), filled_quantity: '0.001', filled_quote: '50', fee: '0.1' });
  tell('FOK: filled 0.001 for 50 USD; one of too much expired without a fill');

  const crossing = await place(seller, 'post', limit('SELL', '0.001', '50000', 'POST_ONLY'));
  same('POST_ONLY that crosses', crossing, { ...closed('EXPIRED', 'WOULD_CROSS'), filled_quantity: '0' });
  const posted = await place(seller, 'post-2', limit('SELL', '0.01', '51000', 'POST_ONLY'));
  same('POST_ONLY', posted, { ...open('OPEN'), remaining: '0.01' });
  tell('POST_ONLY: rests at 51000; one that would cross expired');

  // 0.0019 are the whole lots that 100 USD pay for at 51000.
  const bought = await place(buyer, 'market-buy', { market_buy: { quote_amount: '100' } });
  same('Market buy', bought, { ...open('FILLED'), filled_quantity: '0.0019', filled_quote: '96.9', fee: '0.0000038' });
  same('Market buy', bought, { average_price: '51000', remaining: '0' });
  tell('Market buy by amount: 0.0019 for 96.9 of 100 USD, the rest returned');

  const sold = await place(seller, 'market-sell', { market_sell: { quantity: '0.002' } });
  same('Market sell', sold, { ...open('FILLED'), filled_quantity: '0.002', filled_quote: '100', fee: '0.2' });
  tell('Market sell by quantity: 0.002 for 100 USD');

  const poor = await place(seller, 'poor', limit('SELL', '5', '60000'));
  same('More than there is', poor, closed('REJECTED', 'INSUFFICIENT_FUNDS'));
  const batch = await call(orders, 'PlaceOrders', buyer, {
    orders: [
      { market: MARKET, client_order_id: 'batch-1', wait: 'WAIT_SETTLED', ...limit('BUY', '0.001', '48000') },
      { market: 'NO-SUCH', client_order_id: 'batch-2', ...limit('BUY', '0.001', '48000') },
      { market: MARKET, client_order_id: 'batch-3', wait: 'WAIT_SETTLED', ...limit('BUY', '0.001', '47000') },
    ],
  });
  same('The batch', batch.results, [{ order: open('OPEN') }, { error: { code: 5 } }, { order: open('OPEN') }]);
  same('Its second', details(batch.results[1].error), { reason: 'UNKNOWN_MARKET' });
  await has(buyer, '0.0088892 + 0 BTC', '1308.1 + 245 USD');
  tell('Batch: two orders rest, one is refused (UNKNOWN_MARKET)');

  // The book and the trades, as they are told and as they are asked for.
  const shown = { bids: ['0.003 @ 50000', '0.001 @ 48000', '0.001 @ 47000'], asks: ['0.0081 @ 51000'] };
  await bookStream.until(JSON.stringify(shown), (messages) => JSON.stringify(bookOf(messages)) === JSON.stringify(shown));
  const book = await call(markets, 'GetOrderBook', buyer, { market: MARKET });
  same('The book', levelsOf(book), shown);
  tell('Book: 3 bids and 1 ask, the same by stream and by call');

  const tape = ['0.004 @ 50000 = 200', '0.001 @ 50000 = 50', '0.0019 @ 51000 = 96.9', '0.002 @ 50000 = 100'];
  const told = await tradeStream.until(`${tape.length} trades`, (messages) => {
    const trades = messages.flatMap((message) => message.trades);
    return trades.length >= tape.length && trades;
  });
  same('The trades of the stream', told.map(line), tape);
  const { trades } = await call(markets, 'ListTrades', buyer, { market: MARKET });
  const isNew = (trade) => BigInt(trade.trade_id) > BigInt(old?.trade_id ?? 0);
  same('The trades', trades.filter(isNew).reverse().map(line), tape);
  const ticker = await tickerStream.until('the last trade', (messages) =>
    messages.flatMap((message) => message.tickers).find((t) => t.last_trade_id === told.at(-1).trade_id),
  );
  same('The ticker', ticker, { last_price: '50000', last_quantity: '0.002', high_price: '51000' });
  tell('Trades: 4, the same by stream and by call; ticker: last 50000');

  // Amendments: less keeps the place in the queue, another price is another order.
  const reduced = await call(orders, 'AmendOrder', buyer, { ...named('gtc'), quantity: '0.009' });
  same('The reduction', reduced, { result: 'AMEND_RESULT_REDUCED', order: { remaining: '0.002', reduced_quantity: '0.001' } });
  const replaced = await call(orders, 'AmendOrder', buyer, { ...named('gtc'), new_client_order_id: 'gtc-2', price: '49000' });
  same('The replacement', replaced, {
    result: 'AMEND_RESULT_REPLACED',
    order: { ...open('OPEN'), remaining: '0.002', replaces_order_id: gtc.order_id, limit: { price: '49000' } },
  });
  same('What was replaced', await get('gtc'), { ...closed('CANCELLED', 'REPLACED'), filled_quantity: '0.007', fee: '0.000007' });
  tell('Amended: reduced to 0.009 in all, then replaced at 49000');

  const owner = closed('CANCELLED', 'CANCELLED_BY_OWNER');
  same('The cancel by id', await cancel({ order_id: batch.results[0].order.order_id }), owner);
  same('The cancel by name', await cancel(named('batch-3')), owner);
  same('The cancel again', await cancel(named('batch-3')), owner);
  same('The cancel of the other account', await refusal(call(orders, 'CancelOrder', seller, { order_id: gtc.order_id })), {
    code: 'NOT_FOUND',
    reason: 'ORDER_NOT_FOUND',
  });
  tell('Cancelled: one by its id, one by its name');

  const everything = { market: MARKET, side: 'SIDE_BUY', wait: 'WAIT_SETTLED' };
  same('The cancel of all', await call(orders, 'CancelAllOrders', buyer, everything), {
    order_ids: [replaced.order.order_id],
    decided: true,
  });
  await has(buyer, '0.0088892 + 0 BTC', '1553.1 + 0 USD');
  tell('Cancelled all: 1 order, nothing is held');

  // The dead man's switch: set, forgotten, and everything is cancelled.
  const forgotten = await place(buyer, 'forgotten', limit('BUY', '0.001', '45000'));
  const armed = await call(orders, 'CancelAllAfter', buyer, { timeout: { seconds: SWITCH_SECONDS }, market: MARKET });
  if (!armed.deadline) throw new Difference('The switch has no deadline');
  const isEnd = ({ update }) => update?.order.order_id === forgotten.order_id && update.order.status === 'ORDER_STATUS_CANCELLED';
  await orderStream.until('the end of the forgotten order', (messages) => messages.find(isEnd));
  await has(buyer, '0.0088892 + 0 BTC', '1553.1 + 0 USD');
  tell(`Dead man's switch: the order was cancelled ${SWITCH_SECONDS} s later`);

  // What the stream of orders has told: every version once, and the last is what a call answers with.
  const reports = orderStream.messages.filter(({ update }) => update).map(({ update }) => update.order);
  const ids = [...new Set(reports.map((order) => order.client_order_id))];
  same('The orders that were told', ids, ['gtc', 'market-buy', 'batch-1', 'batch-3', 'gtc-2', 'forgotten']);
  for (const id of ids) {
    const versions = reports.filter((order) => order.client_order_id === id);
    versions.forEach((order, index) => same(`Version ${index + 1} of ${id}`, order.version, String(index + 1)));
    same(`The last version of ${id}`, versions.at(-1), await get(id));
  }
  const newest = [];
  for (let page = { next_page_token: '' }; newest.length === 0 || page.next_page_token; ) {
    page = await list({ page_size: 4, page_token: page.next_page_token });
    newest.push(...page.orders.map((order) => order.client_order_id));
  }
  same('The list, newest first,', newest, [...ids].reverse());
  const { orders: filled } = await list({ statuses: ['ORDER_STATUS_FILLED'] });
  same('The filled orders', filled, [{ client_order_id: 'market-buy' }]);
  tell(`Orders: ${ids.length}, each version once by stream, the same in pages`);

  // Withdrawals in two steps.
  const paid = await withdraw('paid', '100');
  same('The withdrawal', paid, { status: 'TRANSFER_STATUS_HELD', amount: '100' });
  await has(buyer, '0.0088892 + 0 BTC', '1453.1 + 100 USD');
  const { holds } = await call(assets, 'ListHolds', buyer, {});
  same('The holds', holds, [{ transfer_id: paid.transfer_id, amount: '100' }]);
  same('Its end', await decide('ConfirmWithdrawal', paid, 'paid'), { status: 'TRANSFER_STATUS_COMPLETED', note: 'paid' });
  const back = await withdraw('back', '50');
  same('Its return', await decide('ReturnWithdrawal', back, 'no such address'), { status: 'TRANSFER_STATUS_RETURNED' });
  same('Its late confirmation', await refusal(decide('ConfirmWithdrawal', back, 'paid')), { reason: 'WITHDRAWAL_NOT_HELD' });
  same('More than there is', await withdraw('poor', '1453.100001'), {
    status: 'TRANSFER_STATUS_REJECTED',
    reason: 'TRANSFER_REASON_INSUFFICIENT_FUNDS',
  });
  await has(buyer, '0.0088892 + 0 BTC', '1453.1 + 0 USD');
  tell('Withdrawn: 100 USD held and confirmed, 50 USD held and returned');

  const freeze = { account: buyer.name, reason: 'the tour' };
  await call(assets, 'FreezeAccount', operator, freeze);
  same('An order of a frozen account', await place(buyer, 'frozen', limit('BUY', '0.001', '45000')), closed('REJECTED', 'ACCOUNT_FROZEN'));
  same('A withdrawal of a frozen account', await withdraw('frozen', '1'), { reason: 'TRANSFER_REASON_ACCOUNT_FROZEN' });
  await call(assets, 'UnfreezeAccount', operator, freeze);
  same('An order after it', await place(buyer, 'thawed', limit('BUY', '0.001', '45000')), open('OPEN'));
  same('Its cancel', await cancel(named('thawed')), owner);
  tell('Frozen: orders and withdrawals are rejected (ACCOUNT_FROZEN) until it is taken back');

  // The statement: each balance is the one before and the change, and the last are the balances.
  const entries = [];
  for (let token = '', size = 7, page; page?.entries.length !== 0; token = page.next_page_token) {
    page = await call(assets, 'ListStatementEntries', buyer, { page_size: size, page_token: token });
    entries.push(...page.entries);
  }
  const running = {};
  for (const change of entries.flatMap((entry) => entry.changes)) {
    const { available, held } = running[change.asset] ?? { available: '0', held: '0' };
    if (!isSum(change.available, available, change.available_change) || !isSum(change.held, held, change.held_change)) {
      throw new Difference(`The statement goes from ${available} + ${held} by ${JSON.stringify(change)}`);
    }
    running[change.asset] = change;
  }
  const ends = Object.keys(running).sort().map((asset) => `${running[asset].available} + ${running[asset].held} ${asset}`);
  same('The end of the statement', ends, await balances(buyer));
  const count = entries.length;
  const streamed = await balanceStream.until(`${count - 1} entries`, (messages) => {
    const found = messages.filter(({ entry }) => entry).map(({ entry }) => entry);
    return found.length >= count - 1 && found;
  });
  same('The statement by stream', streamed, entries.slice(1)); // The deposit came before the stream.
  tell(`Statement: ${count} entries, each balance is the sum so far, the same by stream`);

  await call(orders, 'CancelAllOrders', seller, { wait: 'WAIT_SETTLED' });
  await has(buyer, '0.0088892 + 0 BTC', '1453.1 + 0 USD');
  await has(seller, '0.9911 + 0 BTC', '446.1031 + 0 USD');
  tell('In the end: 0.0088892 BTC and 1453.1 USD, 0.9911 BTC and 446.1031 USD, nothing held');
}

const levelsOf = ({ bids, asks }) => {
  const side = (all) => all.map(({ price, quantity }) => `${quantity} @ ${price}`);
  return { bids: side(bids), asks: side(asks) };
};
const line = (trade) => `${trade.quantity} @ ${trade.price} = ${trade.quote_amount}`;

let failure;
try {
  await tour();
  console.log('The tour is complete.');
} catch (thrown) {
  failure = thrown;
}
streams.forEach((stream) => stream.close());
if (failure) {
  console.error(`After step ${step}: ${failure instanceof Difference ? 'expected otherwise: ' : ''}${failure.message}`);
}
process.exit(failure ? 1 : 0);
