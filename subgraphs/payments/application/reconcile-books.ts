import { after, DAY_MS, MINUTE_MS } from '../../kernel/clock.ts';
import {
  type Finding,
  type FindingKind,
  type FindingSubject,
  findingKey,
} from '../domain/finding.ts';
import type { AdoptRefund } from './adopt-refund.ts';
import type {
  OpenFinding,
  OperationsStore,
  OperationsTransaction,
  OwnMovement,
} from './operations.ports.ts';
import type { CaptureGateway } from './ports.ts';
import type { PaymentProcessor, ProcessorMovement } from './processor.port.ts';
import type { ReconcileAttempts } from './reconcile-attempts.ts';

export interface ReconciliationReport {
  readonly since: Date;
  readonly until: Date;
  /** Movements the processor listed. */
  readonly processorMovements: number;
  readonly ownMovements: number;
  /** Captures that were settled or given back, and refunds that were booked, because nobody had yet. */
  readonly healed: readonly string[];
  /** Differences found now that were not open before. */
  readonly opened: readonly OpenFinding[];
  /** All that is open. */
  readonly open: readonly OpenFinding[];
}

/** What moved in the last moments may be on its way into our books. */
const SETTLING_MS = 5 * MINUTE_MS;
/** Clocks differ, and a movement may be dated by its beginning there and by its end here. */
const MARGIN_MS = DAY_MS;
const FINDINGS_MAX = 500;
/** Found by looking at what waits, not by comparing. */
const TASKS: ReadonlySet<FindingKind> = new Set(['STUCK', 'REFUSED', 'NO_ORDER']);
/** The search keeps three years; a month at a time is what it takes in one question. */
export const RECONCILED_DAYS_MAX = 90;

/**
 * Compares the processor's own list of movements with our books, both ways. What can be settled is
 * settled by the one settle path, a refund made elsewhere is booked; the rest is for a person to find out.
 */
export class ReconcileBooks {
  constructor(
    private readonly store: OperationsStore,
    private readonly processor: PaymentProcessor,
    private readonly gateway: CaptureGateway,
    private readonly attempts: ReconcileAttempts,
    private readonly refunds: Pick<AdoptRefund, 'execute'>,
  ) {}

  async execute(since: Date): Promise<ReconciliationReport> {
    const now = await this.store.transact((tx) => tx.now());
    const theirs = await this.processor.movementsBetween(since, now);
    const healed = [
      ...(await this.heal(since, theirs, now)),
      ...(await this.adopt(since, theirs, now)),
    ];
    const ours = await this.store.ownMovements(after(since, -MARGIN_MS), now);
    const findings = [
      ...(await this.missingHere(
        theirs.filter(({ id }) => !healed.includes(id)),
        ours,
        now,
      )),
      ...(await this.missingThere(theirs, ours, since)),
    ];
    const compared = new Set([...theirs, ...ours].map(({ id }) => id));
    const opened = await this.store.transact(async (tx) => {
      await this.closeSettled(tx, findings, compared, now);
      return tx.open(findings, now);
    });
    return {
      since,
      until: now,
      processorMovements: theirs.length,
      ownMovements: ours.filter(({ at }) => at >= since).length,
      healed,
      opened,
      open: await this.store.openFindings(FINDINGS_MAX),
    };
  }

  /** Opens a task for whatever waits too long; harmless to repeat. */
  async openTasks(before: Date): Promise<readonly OpenFinding[]> {
    const findings = await this.store.waiting(before);
    const open = await this.store.openFindings(FINDINGS_MAX);
    return this.store.transact(async (tx) => {
      const now = await tx.now();
      const still = new Set(findings.map(findingKey));
      for (const finding of open) {
        if (TASKS.has(finding.kind) && !still.has(findingKey(finding)))
          await tx.close(finding.id, 'It went on by itself.', now);
      }
      return tx.open(findings, now);
    });
  }

  /** A difference that was looked for again and is not there any more is nobody's task. */
  private async closeSettled(
    tx: OperationsTransaction,
    findings: readonly Finding[],
    compared: ReadonlySet<string>,
    now: Date,
  ): Promise<void> {
    const still = new Set(findings.map(findingKey));
    for (const finding of await this.store.openFindings(FINDINGS_MAX)) {
      const isCompared = compared.has(finding.reference) && !TASKS.has(finding.kind);
      if (isCompared && !still.has(findingKey(finding)))
        await tx.close(finding.id, 'Both sides agree now.', now);
    }
  }

  private async heal(
    since: Date,
    theirs: readonly ProcessorMovement[],
    now: Date,
  ): Promise<string[]> {
    const known = new Set(
      (await this.store.ownMovements(after(since, -MARGIN_MS), now)).map(({ id }) => id),
    );
    const returned = returnedByCapture(theirs);
    const healed: string[] = [];
    for (const movement of theirs) {
      if (movement.kind !== 'CAPTURE' || known.has(movement.id) || !isSettled(movement, now))
        continue;
      if (returned.get(movement.id)?.equals(movement.amount)) continue;
      const attemptId = movement.invoiceId;
      if (attemptId === null || (await this.store.attempt(attemptId)) === null) continue;
      await this.attempts.one(attemptId);
      const attempt = await this.store.attempt(attemptId);
      if (attempt?.status === 'CANCELED' || attempt?.status === 'DECLINED') {
        // Taken after the attempt was over: no order can come of it.
        await this.gateway.giveBack(movement.id, attempt);
        healed.push(movement.id);
      } else if (attempt?.status === 'CAPTURED') healed.push(movement.id);
    }
    return healed;
  }

  /** Refunds that were made in the processor's own pages become ours. */
  private async adopt(
    since: Date,
    theirs: readonly ProcessorMovement[],
    now: Date,
  ): Promise<string[]> {
    const known = new Set(
      (await this.store.ownMovements(after(since, -MARGIN_MS), now)).map(({ id }) => id),
    );
    const adopted: string[] = [];
    for (const movement of theirs) {
      if (movement.kind !== 'REFUND' || known.has(movement.id) || !isSettled(movement, now))
        continue;
      if (await this.refunds.execute(movement)) adopted.push(movement.id);
    }
    return adopted;
  }

  private async missingHere(
    theirs: readonly ProcessorMovement[],
    ours: readonly OwnMovement[],
    now: Date,
  ): Promise<Finding[]> {
    const own = new Map(ours.map((movement) => [placeOf(movement), movement]));
    const captures = new Set(ours.flatMap(({ kind, id }) => (kind === 'CAPTURE' ? [id] : [])));
    const returned = returnedByCapture(theirs);
    const byDispute = await this.store.captureIdsReturnedByDispute(
      theirs.flatMap(({ captureId }) => captureId ?? []),
    );
    return theirs.flatMap((movement): Finding[] => {
      const match = own.get(placeOf(movement));
      if (match)
        return match.amount.equals(movement.amount)
          ? []
          : [found('AMOUNT_DIFFERS', movement.kind, match, movement)];
      if (!isSettled(movement, now)) return [];
      if (movement.kind === 'REFUND') {
        const { captureId } = movement;
        // A capture we never booked was given back; a lost dispute is booked as what it is.
        if (captureId !== null && (!captures.has(captureId) || byDispute.has(captureId))) return [];
      }
      if (movement.kind === 'CAPTURE' && returned.get(movement.id)?.equals(movement.amount))
        return [];
      const kind = movement.kind === 'RELEASE' ? 'PAID_BY_ITSELF' : 'MISSING_HERE';
      const payment = ours.find(({ captureId }) => captureId === movement.captureId);
      return [found(kind, movement.kind, payment ?? null, movement, null)];
    });
  }

  private async missingThere(
    theirs: readonly ProcessorMovement[],
    ours: readonly OwnMovement[],
    since: Date,
  ): Promise<Finding[]> {
    const listed = new Set(theirs.map(placeOf));
    const findings: Finding[] = [];
    for (const movement of ours) {
      if (movement.at < since || listed.has(placeOf(movement))) continue;
      // The list lags by hours: the movement itself is asked for before anybody is told.
      const there = await this.read(movement);
      if (there === null) findings.push(found('MISSING_THERE', movement.kind, movement, null));
      else if (!there.equals(movement.amount))
        findings.push({ ...found('AMOUNT_DIFFERS', movement.kind, movement, null), theirs: there });
    }
    return findings;
  }

  private async read({ kind, id, amount }: OwnMovement) {
    if (kind === 'CAPTURE') return (await this.processor.getCapture(id))?.amount ?? null;
    if (kind === 'REFUND') return (await this.processor.getRefund(id))?.amount ?? null;
    const release = await this.processor.getRelease(id);
    return release && (release.amount ?? amount);
  }
}

/** A payout is listed under an id of its own; the capture it belongs to says which it is. */
function placeOf(movement: Pick<ProcessorMovement, 'kind' | 'id' | 'captureId'>): string {
  return movement.kind === 'RELEASE'
    ? `RELEASE:${movement.captureId}`
    : `${movement.kind}:${movement.id}`;
}

function isSettled({ at }: ProcessorMovement, now: Date): boolean {
  return at.getTime() <= now.getTime() - SETTLING_MS;
}

function returnedByCapture(theirs: readonly ProcessorMovement[]) {
  const returned = new Map<string, ProcessorMovement['amount']>();
  for (const { kind, captureId, amount } of theirs) {
    if (kind !== 'REFUND' || captureId === null) continue;
    returned.set(captureId, returned.get(captureId)?.plus(amount) ?? amount);
  }
  return returned;
}

function found(
  kind: FindingKind,
  subject: FindingSubject,
  own: OwnMovement | null,
  theirs: ProcessorMovement | null,
  ours = own?.amount ?? null,
): Finding {
  return {
    kind,
    subject,
    reference: theirs?.id ?? own?.id ?? '',
    paymentId: own?.paymentId ?? null,
    ours,
    theirs: theirs?.amount ?? null,
  };
}
