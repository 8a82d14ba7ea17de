// Places an order, watches it, loses the connection on purpose, lets things happen meanwhile, and goes on with the
// cursor of the last message that it has read. It ends with 1 if a change is missing or comes twice.
//
//   SAGAX_TOKEN   a token with the scopes read and trade; its account needs 4 USD
//   SAGAX_ORDERS  HOST:PORT of order-svc, 127.0.0.1:9101 if not set
//   SAGAX_MARKET  BTC-USD if not set

import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const address = process.env.SAGAX_ORDERS || '127.0.0.1:9101';
const token = process.env.SAGAX_TOKEN || '';
const market = process.env.SAGAX_MARKET || 'BTC-USD';

const PRICE = '100';
const DEADLINE_MILLIS = 10_000;
const TRIES = 5;
const PAUSE_MILLIS = 500;
const CLOSED = ['FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED'].map((status) => 'ORDER_STATUS_' + status);

const proto = (path) => fileURLToPath(new URL('../../proto/' + path, import.meta.url));
const { sagax } = grpc.loadPackageDefinition(
  protoLoader.loadSync('sagax/order/v1/order_service.proto', {
    includeDirs: [proto('src/main/protobuf'), proto('third_party')],
    keepCase: true,
    longs: Number,
    enums: String,
    defaults: true,
  }),
);

// Our own ids of the orders: new ones for each run, since they are unique for ever.
const run = 'node-' + Date.now();
// The last version that was seen of each of our orders.
const seen = {};
let cursor = '';

class Connection {
  #client = new sagax.order.v1.OrderService(address, grpc.credentials.createInsecure());
  #stream;
  #headers = new grpc.Metadata();

  constructor() {
    this.#headers.set('authorization', 'Bearer ' + token);
  }

  // Goes on after the last message that was read; at first, with what happens from now on.
  watch() {
    this.#stream = this.#client.watchOrders({ market, cursor, from_now: cursor === '' }, this.#headers);
    return this.#stream[Symbol.asyncIterator]();
  }

  #call(method, request) {
    const options = { deadline: Date.now() + DEADLINE_MILLIS };
    return new Promise((resolve, reject) =>
      this.#client[method](request, this.#headers, options, (failure, answer) => (failure ? reject(failure) : resolve(answer))),
    );
  }

  // UNAVAILABLE may mean that the outcome is unknown. The same call again is safe: the same client_order_id is the same order.
  async place(name, quantity) {
    const request = { market, client_order_id: `${run}-${name}`, limit: { side: 'SIDE_BUY', price: PRICE, quantity } };
    for (let tries = 1; ; tries++) {
      try {
        return await this.#call('placeOrder', request);
      } catch (failure) {
        if (failure.code !== grpc.status.UNAVAILABLE || tries === TRIES) throw failure;
        await pause(PAUSE_MILLIS);
      }
    }
  }

  reduce(name, quantity) {
    return this.#call('amendOrder', { client_order: this.#reference(name), quantity });
  }

  cancel(name) {
    return this.#call('cancelOrder', { client_order: this.#reference(name) });
  }

  #reference(name) {
    return { market, client_order_id: `${run}-${name}` };
  }

  // Cuts it off at once, whatever is under way.
  close() {
    this.#stream?.on('error', () => {}).cancel();
    this.#client.close();
  }
}

const isOurs = (order) => order?.client_order_id.startsWith(run);

// Takes the next message: what is told first, and its cursor after that.
async function read(stream) {
  const { value: message, done } = await stream.next();
  if (done) throw new Error('The stream has ended');
  const order = message.update?.order;
  if (isOurs(order)) tell(order);
  cursor = message.cursor;
  return order;
}

// Every change of an order counts its version by one.
function tell(order) {
  const name = order.client_order_id.slice(run.length + 1);
  console.log(`  ${name} version ${order.version}: ${order.status}, ${order.remaining} remaining`);
  const next = (seen[name] ?? 0) + 1;
  if (order.version !== next) {
    throw new Error(`Expected version ${next} of order ${name}, but got ${order.version}`);
  }
  seen[name] = order.version;
}

let connection = new Connection();
let stream = connection.watch();
await read(stream); // The first message says that the stream is open, and where it stands.
await connection.place('a', '0.02');
while (!seen.a) await read(stream);
connection.close();
console.log('The connection is lost. The last cursor is ' + cursor);

connection = new Connection();
await connection.reduce('a', '0.01');
await connection.place('b', '0.02');
connection.close();
console.log('Meanwhile a was reduced, and b was placed.');

connection = new Connection();
stream = connection.watch();
await connection.cancel('a');
await connection.cancel('b');
for (let closed = 0; closed < 2; ) {
  const order = await read(stream);
  closed += isOurs(order) && CLOSED.includes(order.status) ? 1 : 0;
}
connection.close();
console.log('Seen without gap or duplicate:', JSON.stringify(seen));
