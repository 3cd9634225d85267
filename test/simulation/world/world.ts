import { ZodError } from 'zod';
import { Listing } from '../../../subgraphs/catalog/domain/listing.ts';
import { Variant } from '../../../subgraphs/catalog/domain/variant.ts';
import { ID_PREFIXES, type IdKind } from '../../../subgraphs/kernel/ids.ts';
import type { Logger } from '../../../subgraphs/kernel/logger.ts';
import { Money } from '../../../subgraphs/kernel/money.ts';
import type { Catalog, ListingSnapshot } from '../../../subgraphs/payments/application/ports.ts';
import { PaymentMethod } from '../../../subgraphs/payments/domain/payment-method.ts';
import { SimBus } from '../bus.ts';
import { Faults } from '../faults.ts';
import { FORGED_SUFFIX } from '../oracles/final.ts';
import { SimulatedPayPal } from '../paypal/simulated-paypal.ts';
import type { Plan } from '../plan.ts';
import { type Scheduler, SimProcess } from '../scheduler.ts';
import { SimClock, type Storage } from '../storage.ts';
import { BUYERS, CONVERSATIONS, METHODS, SELLER_ID, STRANGER, STRANGERS_METHOD } from './people.ts';
import {
  type CatalogProcess,
  catalogProcess,
  FORGED,
  type Messenger,
  type OrdersProcess,
  ordersProcess,
  type PaymentsProcess,
  paymentsProcess,
} from './processes.ts';
import { SellerDesk } from './seller-desk.ts';

/** Held for a buyer who is paying, as payments asks the catalog. */
const HOLD_SECONDS = 900;
const SENT_AGAIN_MAX = 4;
/** Before that no money is near its deadline. */
const WATCHED_AFTER_MS = 25 * 86_400_000;
/** Processes by the number that a plan's crash names them by. */
const NAMES = ['payments-1', 'payments-2', 'orders', 'catalog'] as const;
type Name = (typeof NAMES)[number];

/** The connection to a process that died: nobody knows what it had done. */
export class ConnectionLost extends Error {}

interface Running<T> {
  readonly process: SimProcess;
  readonly parts: T;
  readonly lost: Set<(error: Error) => void>;
}

/** One simulated system: two payments processes, orders, catalog, PayPal, and the people. */
export class World {
  readonly faults: Faults;
  readonly storage: Storage;
  readonly bus: SimBus;
  readonly paypal: SimulatedPayPal;
  readonly desk: SellerDesk;
  readonly outside = new SimProcess('outside');
  readonly variantId = idOf('variant', 1);
  /** What a call was answered, by the key it was made with: the same key has one answer. */
  readonly answers = new Map<string, string[]>();
  /** Errors that no client should ever see: the code under test is broken. */
  readonly defects: Error[] = [];
  /** What somebody learned who may know nothing. */
  readonly leaks: string[] = [];
  private readonly clock: SimClock;
  private readonly running = new Map<Name, Running<unknown>>();
  private readonly late: (() => void)[] = [];
  private made = 1_000;
  private readonly openedAt: number;

  constructor(
    readonly scheduler: Scheduler,
    readonly plan: Plan,
    storageOf: (scheduler: Scheduler, faults: Faults, bus: SimBus) => Storage,
  ) {
    this.faults = new Faults(plan.faults);
    this.openedAt = scheduler.nowMs;
    this.bus = new SimBus(scheduler, this.faults);
    this.storage = storageOf(scheduler, this.faults, this.bus);
    scheduler.mayFindSomething = (process) => this.storage.mayHaveEvents(process);
    this.clock = new SimClock(scheduler);
    this.paypal = new SimulatedPayPal(scheduler, this.faults);
    this.paypal.onWebhook = (body, eventType) => this.webhook(body, eventType);
    this.paypal.onStandstill = (process, how, milliseconds) =>
      this.freeze(process, how, milliseconds);
    this.desk = new SellerDesk(scheduler, this.bus, this.outside);
  }

  async open(): Promise<void> {
    for (const name of NAMES) this.start(name);
    this.scheduler.spawn(this.outside, 'open the shop', () => this.openShop());
    await this.scheduler.runUntilIdle();
    this.faults.start();
    this.scheduler.beforeStep = () => {
      const index = this.faults.crashAt(this.scheduler.steps);
      if (index !== null) this.crash(NAMES[index % NAMES.length] as Name);
      const freeze = this.faults.freezeAt(this.scheduler.steps);
      if (freeze === null) return;
      const running = this.running.get(NAMES[freeze.process % NAMES.length] as Name);
      if (running) this.freeze(running.process, 'ANYWHERE', freeze.milliseconds);
    };
  }

  /** The types of events that each subgraph's consumer handles. */
  get handled(): ReadonlyMap<string, readonly string[]> {
    return new Map([
      ['payments', this.parts<Messenger>('payments-1').handles],
      ['orders', this.parts<Messenger>('orders').handles],
      ['catalog', this.parts<Messenger>('catalog').handles],
    ]);
  }

  /** A client's or a neighbour's call: runs in that process, and fails when it dies. */
  call<T>(name: Name, label: string, work: (parts: never) => Promise<T>): Promise<T> {
    const target = this.running.get(name);
    if (!target) throw new Error(`${name} is not running`);
    if (target.process.stillUntil !== null)
      return Promise.reject(new ConnectionLost(`${name} does not answer`));
    return new Promise<T>((resolve, reject) => {
      target.lost.add(reject);
      this.scheduler.spawn(
        target.process,
        label,
        () => work(target.parts as never),
        (result) => {
          target.lost.delete(reject);
          if (result.ok) resolve(result.value);
          else reject(result.error);
        },
      );
    });
  }

  onPayments<T>(
    worker: number,
    label: string,
    work: (parts: PaymentsProcess) => Promise<T>,
  ): Promise<T> {
    return this.call(worker % 2 === 0 ? 'payments-1' : 'payments-2', label, work);
  }

  onOrders<T>(label: string, work: (parts: OrdersProcess) => Promise<T>): Promise<T> {
    return this.call('orders', label, work);
  }

  onCatalog<T>(label: string, work: (parts: CatalogProcess) => Promise<T>): Promise<T> {
    return this.call('catalog', label, work);
  }

  /** The server is killed and started again at once. */
  crash(name: Name): void {
    const running = this.running.get(name);
    if (!running) return;
    this.scheduler.kill(running.process);
    this.storage.killed(running.process);
    this.start(name);
    this.hangUp(running, `${name} died`);
  }

  /** Whoever waits for its answer gives up; what it was in the middle of goes on when it does. */
  private freeze(process: SimProcess, how: string, milliseconds: number): void {
    if (!process.isAlive || process.stillUntil !== null) return;
    this.faults.count(`standstill ${how}`);
    this.scheduler.freeze(process, milliseconds);
    this.storage.cutOff(process);
    for (const running of this.running.values())
      if (running.process === process) this.hangUp(running, `${process.name} stands still`);
  }

  private hangUp({ lost }: Running<unknown>, why: string): void {
    const waiting = [...lost];
    lost.clear();
    for (const reject of waiting) reject(new ConnectionLost(why));
  }

  /** All timed work once, by one worker of each subgraph. */
  async runJobs(worker: number, names: readonly string[] | null = null): Promise<void> {
    const wanted = (name: string) => names === null || names.includes(name);
    for (const process of [this.awake(worker), 'orders', 'catalog']) {
      const { jobs } = this.parts<{ jobs: ReadonlyMap<string, () => Promise<void>> }>(
        process as Name,
      );
      for (const name of jobs.keys()) {
        if (!wanted(name) || !this.mayHaveWork(name)) continue;
        this.call<void>(process as Name, name, async (parts: { jobs: typeof jobs }) => {
          await parts.jobs.get(name)?.();
        }).catch((error: unknown) => this.scheduler.note(`${name} failed: ${error}`));
      }
    }
  }

  private mayHaveWork(job: string): boolean {
    const isEarly = this.scheduler.nowMs - this.openedAt < WATCHED_AFTER_MS;
    return !(isEarly && job === 'watch-backstop') && this.storage.mayHaveWork(job);
  }

  private awake(worker: number): Name {
    const [asked, other] =
      worker % 2 === 0
        ? (['payments-1', 'payments-2'] as const)
        : (['payments-2', 'payments-1'] as const);
    return this.running.get(asked)?.process.stillUntil === null ? asked : other;
  }

  /** Webhooks that were held back arrive now. */
  deliverLate(): void {
    for (const deliver of this.late.splice(0)) deliver();
  }

  readonly newId = (kind: IdKind): string => {
    this.made += 1;
    return idOf(kind, this.made);
  };

  private parts<T>(name: Name): T {
    return this.running.get(name)?.parts as T;
  }

  private start(name: Name): void {
    const process = new SimProcess(name);
    const { clock, newId } = this;
    const logger = this.logger(process);
    const common = { newId, clock, logger };
    let parts: Messenger;
    switch (name) {
      case 'orders':
        parts = ordersProcess(this.storage.orders(process), common);
        break;
      case 'catalog':
        parts = catalogProcess(this.storage.catalog(process), common);
        break;
      default:
        parts = paymentsProcess(this.storage.payments(process), {
          ...common,
          network: {
            exchange: (exchange) => this.paypal.exchange(process, exchange),
            close: async () => {},
          },
          catalog: this.catalogFor(process),
          sellers: this.desk.for(process),
          conversations: { party: (id) => this.party(process, id) },
        });
    }
    this.running.set(name, { process, parts, lost: new Set() });
    this.scheduler.inside(process, () => {
      // With real transactions every look costs: the second payments process takes calls and jobs only.
      if (name === 'payments-2' && !this.bus.isStepped) return;
      parts.relay.start();
      parts.consumer.start();
    });
  }

  private catalogFor(process: SimProcess): Catalog {
    const ask = async <T>(label: string, work: (parts: CatalogProcess) => Promise<T>) => {
      await this.scheduler.step(process, `ask catalog: ${label}`);
      const fault = this.faults.next('neighbour');
      if (fault === 'LOST_BEFORE') throw new ConnectionLost('the catalog did not answer');
      const answer = await this.onCatalog(label, work);
      if (fault === 'LOST_AFTER') throw new ConnectionLost('the catalog did not answer');
      return answer;
    };
    return {
      snapshots: (variantIds) =>
        ask('snapshots', async ({ snapshots }) =>
          (await snapshots.execute(variantIds)).map(snapshotOf),
        ),
      hold: (reference, lines) =>
        ask('hold', async ({ hold }) => {
          const held = await hold.execute({ reference, lines, holdSeconds: HOLD_SECONDS });
          return { isHeld: held.isHeld, lines: held.lines.map(snapshotOf) };
        }),
      release: (reference) =>
        ask('release', async ({ releaseStock }) => void (await releaseStock.execute(reference))),
    };
  }

  private async party(process: SimProcess, conversationId: string) {
    await this.scheduler.step(process, 'ask for the conversation');
    const buyer = BUYERS[CONVERSATIONS.indexOf(conversationId)];
    if (!buyer) return null;
    const { userId: buyerId } = buyer;
    return { buyerId, sellerId: SELLER_ID, state: 'ACTIVE', isFrozen: false, isBlocked: false };
  }

  private webhook(body: Buffer, eventType: string): void {
    const fault = this.faults.next('webhook');
    // What is lost of a dispute is only in PayPal's own list, which is looked at every hour: it comes
    // late. The list is not simulated, and what is lost of an appeal comes at once.
    const isOfDispute = eventType.startsWith('CUSTOMER.DISPUTE.');
    if (fault === 'LOST' && !isOfDispute) return;
    const isFoundLater = fault === 'LOST' && !this.paypal.isOfAppeal(body, eventType);
    const deliver = () => this.deliver(body, {}, 0);
    if (fault === 'LATE' || isFoundLater) {
      this.late.push(deliver);
      return;
    }
    if (fault === 'FORGED') this.deliver(forged(body), { [FORGED]: 'yes' }, 0);
    for (let times = fault === 'REPEATED' ? 3 : 1; times > 0; times -= 1) deliver();
  }

  // PayPal repeats what was not acknowledged.
  private deliver(body: Buffer, headers: Record<string, string>, tries: number): void {
    if (tries >= SENT_AGAIN_MAX) return;
    this.scheduler.spawn(this.outside, 'deliver a webhook', async () => {
      try {
        await this.onPayments(
          tries + this.made,
          'receive a webhook',
          async ({ webhooks, jobs }) => {
            const refusal = await webhooks.receive(headers, body);
            if (refusal === null) await jobs.get('process-webhooks')?.();
          },
        );
      } catch (error) {
        // What PayPal sends is always read: a refusal of it would hide everything that follows from it.
        if (error instanceof ZodError) this.defects.push(error);
        this.deliver(body, headers, tries + 1);
      }
    });
  }

  private async openShop(): Promise<void> {
    const now = this.clock.now();
    await this.onCatalog('list goods', async ({ store }) => {
      const policy = {
        priceMaxByCurrency: new Map([['USD', Money.of(1_000_000n, 'USD')]]),
        prohibitedTerms: [],
      };
      const listingId = idOf('listing', 1);
      const inventoryItemId = `inv_${'1'.repeat(32)}`;
      const text = {
        ...{ title: 'Mug', description: 'A mug.', imageUrl: null, isFinalSale: false },
        ...{ handlingBusinessDays: 3, returnWindowDays: 30 },
      };
      const given = { id: listingId, sellerId: SELLER_ID, currency: 'USD' };
      const listing = Listing.draft({ ...given, category: 'PHYSICAL' }, text, now);
      listing.publish([], now);
      const place = { id: this.variantId, listingId, inventoryItemId, position: 0 };
      const terms = { title: null, sku: null, price: Money.of(2_400n, 'USD'), unitsPerSale: 1 };
      await store.transact(async (tx) => {
        tx.addListing(listing);
        await tx.addInventoryItem(inventoryItemId);
        const first = { kind: 'ADJUSTED', allocated: 0, held: 0, reason: 'first stock' } as const;
        const { stock: onHand } = this.plan;
        await tx.move([{ ...first, inventoryItemId, onHand, reference: listingId }]);
        tx.addVariant(Variant.offer(place, terms, 'USD', policy, []));
      });
    });
    await this.onPayments(0, 'save payment methods', async ({ requests }) => {
      const people = [...BUYERS, STRANGER];
      await requests.transact(async (tx) => {
        for (const [index, { userId }] of people.entries()) {
          const id = METHODS[index] ?? STRANGERS_METHOD;
          const setup = { setupToken: `setup-${index}`, approvalUrl: 'https://paypal.test' };
          const method = PaymentMethod.begin(id, userId, setup, now);
          const vaulted = { vaultId: `card:v${index}`, brand: 'VISA', lastFour: '4242' };
          method.activate({ ...vaulted, expiry: '2031-04' }, now);
          tx.addMethod(method);
        }
      });
    });
  }

  private logger(process: SimProcess): Logger {
    const note = (details: object, text: string) => {
      const { err, type } = details as { err?: Error; type?: string };
      this.scheduler.note(`${process.name}: ${text} ${type ?? ''} ${err?.message ?? ''}`);
    };
    return { warn: note, error: note, info: note, debug: note } as unknown as Logger;
  }
}

function idOf(kind: IdKind, number: number): string {
  return `${ID_PREFIXES[kind]}_${number.toString(16).padStart(32, '0')}`;
}

function snapshotOf(from: {
  readonly variantId: string;
  readonly listingId: string;
  readonly sellerId: string;
  readonly title: string;
  readonly description: string;
  readonly unitPrice: Money;
  readonly isSaleable: boolean;
  readonly returnWindowDays: number;
  readonly isFinalSale: boolean;
  readonly handlingBusinessDays: number;
}): ListingSnapshot {
  const { returnWindowDays, isFinalSale, handlingBusinessDays, ...rest } = from;
  return { ...rest, terms: { returnWindowDays, isFinalSale, handlingBusinessDays } };
}

/** The same event under another id, as somebody would send it who wants to be paid. */
function forged(body: Buffer): Buffer {
  const event = JSON.parse(body.toString());
  return Buffer.from(JSON.stringify({ ...event, id: event.id + FORGED_SUFFIX }));
}
