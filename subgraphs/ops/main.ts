import { parseArgs } from 'node:util';
import { SUBGRAPH_NAMES, type SubgraphName } from '../kernel/persistence/bootstrap.ts';
import { ask } from './graph.ts';
import { parkAggregate, parkedEvents, replayParkedEvents } from './parked-events.ts';
import { registerAddress, registeredWebhooks } from './paypal-webhooks.ts';
import { CannotRun, databaseOf, graphOf, Refused } from './surroundings.ts';

const USAGE = `Looks into payments and events, and puts right what does not go on by itself.

  npm run ops -- history ID                     all that is known of a payment; ID of a request, payment,
                                                order, attempt, refund or capture
  npm run ops -- findings                       differences to PayPal, and what is stuck
  npm run ops -- close FINDING --reason TEXT    closes one
  npm run ops -- hold PAYMENT --reason TEXT     holds its payout back
  npm run ops -- let-go PAYMENT --reason TEXT   takes that hold away
  npm run ops -- refunds retry REFUND --reason TEXT
                                                tries one again that PayPal refused each time
  npm run ops -- webhooks replay [EVENT] --reason TEXT
                                                works on one stored webhook again, or all parked ones
  npm run ops -- webhooks park EVENT --reason TEXT
                                                keeps one that is not worked on yet from its handler
  npm run ops -- webhooks recover [--since TIME] --reason TEXT
                                                fetches those from PayPal that never came
  npm run ops -- paypal-webhooks list           what is registered at PayPal
  npm run ops -- paypal-webhooks register URL --reason TEXT
                                                registers payments' address there, once
  npm run ops -- events parked [--subgraph NAME]
  npm run ops -- events park --subgraph NAME --aggregate ID --reason TEXT
                                                keeps what is told of one order, payment ... from its
                                                handlers until it is replayed
  npm run ops -- events replay --subgraph NAME [--aggregate ID] --reason TEXT
                                                gives parked events to their handlers again
  npm run reconcile [-- --since TIME] [--reason TEXT]
                                                compares PayPal's list of movements with the books

  --json    one line of JSON instead of text

Settings: OPS_GRAPH_URL and OPS_TOKEN, ADMIN_DATABASE_URL for events and for registering; without them,
the Parley of this machine (npm start). PAYPAL_URL, PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET for
paypal-webhooks. Exit code 0: done, nothing open; 1: refused, or something is open; 2: cannot run.
`;

interface Outcome {
  readonly data: unknown;
  readonly text: string;
  /** True when somebody has to look. */
  readonly isOpen?: boolean;
}

interface Money {
  readonly amountMinor: string;
  readonly currency: string;
}

interface HistoryEntry {
  readonly at: string;
  readonly source: string;
  readonly text: string;
  readonly reference: string;
}

interface Finding {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly reference: string;
  readonly paymentId: string | null;
  readonly ours: Money | null;
  readonly theirs: Money | null;
  readonly action: string;
  readonly openedAt: string;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Flags = ReturnType<typeof flagsOf>['values'];
type Command = (words: readonly string[], flags: Flags, env: Environment) => Promise<Outcome>;

const COMMANDS: Readonly<Record<string, Command>> = {
  history: async ([id], _flags, env) => {
    const reference = word(id, 'an id');
    const entries: HistoryEntry[] | null = await ask(graphOf(env), 'PaymentHistory', { reference });
    if (entries === null) throw new Refused(`NOT_FOUND: nothing is known of ${reference}.`);
    const text = lines(entries, (entry) => [entry.at, entry.source, entry.text, entry.reference]);
    return { data: entries, text };
  },
  findings: async (_words, _flags, env) =>
    findingsOutcome(await ask(graphOf(env), 'PaymentFindings', {})),
  close: async ([id], flags, env) => {
    const input = { findingId: word(id, 'a finding'), reason: reasonOf(flags) };
    return done(await ask(graphOf(env), 'ClosePaymentFinding', { input }), `${id} is closed.`);
  },
  hold: async ([id], flags, env) => {
    const input = { paymentId: word(id, 'a payment'), reason: reasonOf(flags) };
    return done(
      await ask(graphOf(env), 'HoldPayout', { input }),
      `The payout of ${id} is held back.`,
    );
  },
  'let-go': async ([id], flags, env) => {
    const input = { paymentId: word(id, 'a payment'), reason: reasonOf(flags) };
    return done(
      await ask(graphOf(env), 'LetPayoutGo', { input }),
      `The hold of ${id} is taken away.`,
    );
  },
  refunds: async ([what, id], flags, env) => {
    if (what !== 'retry') throw new CannotRun('Say "refunds retry REFUND"; try --help.');
    const input = { refundId: word(id, 'a refund'), reason: reasonOf(flags) };
    const { refund } = await ask(graphOf(env), 'RetryRefund', { input });
    return { ...done(refund, `${id} is ${refund.status}.`), isOpen: refund.status === 'ESCALATED' };
  },
  webhooks: async ([what, eventId = null], flags, env) => {
    if (what === 'recover') {
      const input = { since: sinceOf(flags), reason: reasonOf(flags) };
      const { listed, stored } = await ask(graphOf(env), 'RecoverPaymentWebhooks', { input });
      const text = `${stored} of ${listed} webhooks had not come, and are worked on now.`;
      return done({ listed, stored }, text);
    }
    if (what === 'park') {
      const input = { eventId: word(eventId ?? undefined, 'an event'), reason: reasonOf(flags) };
      return done(
        await ask(graphOf(env), 'ParkPaymentWebhook', { input }),
        `${eventId} is parked.`,
      );
    }
    if (what !== 'replay')
      throw new CannotRun('Say "webhooks replay", "park" or "recover"; try --help.');
    const input = { eventId, reason: reasonOf(flags) };
    const answer = await ask(graphOf(env), 'ReplayPaymentWebhooks', { input });
    return done(answer, `${answer.replayed} are worked on again.`);
  },
  'paypal-webhooks': async ([what, address], flags, env) => {
    if (what === 'list') {
      const webhooks = await registeredWebhooks(env);
      const text = lines(webhooks, ({ id, url, eventTypes }) => [id, url, eventTypes.join(' ')]);
      return { data: webhooks, text: text || 'Nothing is registered.\n' };
    }
    if (what !== 'register')
      throw new CannotRun(
        'Say "paypal-webhooks list" or "paypal-webhooks register URL"; try --help.',
      );
    const url = word(address, 'the address of /webhooks/paypal of payments');
    if (!URL.canParse(url)) throw new CannotRun(`"${url}" is no address.`);
    const { id, isKept } = await registerAddress(env, { url, reason: reasonOf(flags) });
    const note = isKept ? '' : '\nPayments has no database yet: that you did it is kept nowhere.';
    return done({ id, url, isKept }, `Set PAYPAL_WEBHOOK_ID=${id} for payments.${note}`);
  },
  events: async ([what], flags, env) => {
    const subgraph = subgraphOf(flags);
    if (what === 'parked') {
      const parked = await parkedEvents(databaseOf(env), subgraph);
      const text = lines(parked, (event) => [
        ...[event.subgraph, event.type, event.aggregateId, event.eventId],
        ...[`${event.attempts} tries`, event.error],
      ]);
      return { data: parked, text: text || 'No event is parked.\n', isOpen: parked.length > 0 };
    }
    if (what !== 'replay' && what !== 'park')
      throw new CannotRun('Say "events parked", "park" or "replay"; try --help.');
    if (subgraph === null) throw new CannotRun('--subgraph NAME is missing; try --help.');
    if (what === 'park') {
      const aggregateId = flags.aggregate;
      if (!aggregateId) throw new CannotRun('--aggregate ID is missing; try --help.');
      const reason = reasonOf(flags);
      const isNew = await parkAggregate(databaseOf(env), { subgraph, aggregateId, reason });
      const text = isNew ? 'is parked' : 'was parked before';
      return done({ aggregateId, isNew }, `What is told of ${aggregateId} ${text} at ${subgraph}.`);
    }
    const asked = { subgraph, aggregateId: flags.aggregate ?? null, reason: reasonOf(flags) };
    const replayed = await replayParkedEvents(databaseOf(env), asked);
    return done({ replayed }, `${replayed} are worked on again by ${subgraph}.`);
  },
  reconcile: async (_words, flags, env) => {
    const since = sinceOf(flags);
    const reason = flags.reason ?? 'npm run reconcile';
    const { report } = await ask(graphOf(env), 'ReconcilePayments', { input: { reason, since } });
    const { text, isOpen } = findingsOutcome(report.open);
    const head = `${report.since} to ${report.until}: ${report.processorMovements} movements at PayPal, ${report.ownMovements} in the books, ${report.healed.length} settled now.\n`;
    return { data: report, text: head + text, isOpen };
  },
};

/** Runs a command; resolves to its exit code. Nothing is thrown. */
export async function runOps(
  args: readonly string[],
  env: Environment,
  print: { out(text: string): void; err(text: string): void },
): Promise<number> {
  try {
    const { values: flags, positionals } = flagsOf(args);
    const [name, ...words] = positionals;
    if (flags.help || name === undefined) {
      print.out(USAGE);
      return flags.help ? 0 : 2;
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new CannotRun(`There is no command "${name}"; try --help.`);
    const outcome = await command(words, flags, env);
    print.out(flags.json ? `${JSON.stringify(outcome.data)}\n` : outcome.text);
    return outcome.isOpen ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof CannotRun)) throw error;
    print.err(`ops: ${error.message}\n`);
    return error instanceof Refused ? 1 : 2;
  }
}

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        reason: { type: 'string' },
        since: { type: 'string' },
        subgraph: { type: 'string' },
        aggregate: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new CannotRun(`${(error as Error).message.split('. ')[0]}; try --help.`);
  }
}

function word(given: string | undefined, what: string): string {
  if (!given) throw new CannotRun(`Name ${what}; try --help.`);
  return given;
}

function reasonOf({ reason }: Flags): string {
  if (!reason?.trim()) throw new CannotRun('--reason TEXT is missing: it is kept with your name.');
  return reason;
}

function sinceOf({ since }: Flags): string | null {
  if (since === undefined) return null;
  if (Number.isNaN(Date.parse(since)))
    throw new CannotRun(`--since is "${since}": expected a time like 2030-01-31T00:00:00Z.`);
  return new Date(since).toISOString();
}

function subgraphOf({ subgraph }: Flags): SubgraphName | null {
  if (subgraph === undefined) return null;
  const name = SUBGRAPH_NAMES.find((each) => each === subgraph);
  if (!name) throw new CannotRun(`--subgraph is one of ${SUBGRAPH_NAMES.join(', ')}.`);
  return name;
}

function done(data: unknown, text: string): Outcome {
  return { data, text: `${text}\n` };
}

function findingsOutcome(findings: readonly Finding[]): Outcome {
  const text = findings
    .map(
      ({ id, kind, subject, reference, paymentId, ours, theirs, action, openedAt }) =>
        `${kind} ${subject} ${reference}  ours ${amount(ours)}, PayPal's ${amount(theirs)}\n` +
        `  ${id}${paymentId ? `, ${paymentId}` : ''}, since ${openedAt}\n  ${action}\n`,
    )
    .join('');
  return { data: findings, text: text || 'Nothing is open.\n', isOpen: findings.length > 0 };
}

function amount(money: Money | null): string {
  return money === null ? '-' : `${money.amountMinor} ${money.currency} minor units`;
}

function lines<T>(items: readonly T[], columns: (item: T) => readonly string[]): string {
  return items.map((item) => `${columns(item).join('  ')}\n`).join('');
}

if (process.argv[1] && import.meta.filename.startsWith(process.argv[1].replace(/\.[jt]s$/, ''))) {
  process.exitCode = await runOps(process.argv.slice(2), process.env, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}
