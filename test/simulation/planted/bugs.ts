// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources are quoted as they stand

/** One change of one source: `find` stands there exactly once. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug as somebody could have written it, and who must notice. */
export interface Bug {
  readonly name: string;
  /** The fault of the specification's table that it fails under. */
  readonly faultClass: string;
  readonly patches: readonly Patch[];
  /** "simulation", or the test file that must fail. */
  readonly caughtBy: 'simulation' | { readonly test: string; readonly matching?: string };
}

const PAYMENTS = 'subgraphs/payments';
const KERNEL = 'subgraphs/kernel';
const GATEWAY = `${PAYMENTS}/processor/paypal/paypal-capture.gateway.ts`;

function simulated(name: string, faultClass: string, ...patches: readonly Patch[]): Bug {
  return { name, faultClass, patches, caughtBy: 'simulation' };
}

function tested(
  name: string,
  faultClass: string,
  test: string | { readonly test: string; readonly matching: string },
  ...patches: readonly Patch[]
): Bug {
  return { name, faultClass, patches, caughtBy: typeof test === 'string' ? { test } : test };
}

export const BUGS: readonly Bug[] = [
  simulated('fresh-refund-request-id', '26 a refund times out after it happened', {
    file: `${PAYMENTS}/application/refund-payment.ts`,
    find: 'requestId: `refund:${refundId}`,',
    replace: 'requestId: `refund:${refundId}:${Math.random()}`,',
  }),
  simulated('fresh-payout-request-id', '28 a payout times out after it happened', {
    file: `${PAYMENTS}/application/release-due.ts`,
    find: 'requestId: requestIdOf(begun),',
    replace: 'requestId: `release:${paymentId}:${Math.random()}`,',
  }),
  simulated('no-claim', '19 the same buyer presses twice', {
    file: `${KERNEL}/persistence/idempotency.ts`,
    find: 'if (stored?.completed_at) return',
    replace: 'if (stored?.completed_at && stored.request_hash === "") return',
  }),
  simulated('no-expiry-check', '23 an expired request is paid', {
    file: `${PAYMENTS}/application/pay-payment-request.ts`,
    find: "if (request.status === 'SENT' && request.isExpiredAt(now)) {",
    replace: 'if (now.getTime() < 0) {',
  }),
  simulated('posted-twice', '13 a webhook is duplicated', {
    file: `${PAYMENTS}/domain/ledger/payment.postings.ts`,
    find: "    { reference: `${subject}:${what}`, debit: from, credit: 'buyers:refunded', amount },",
    replace:
      "    { reference: `${subject}:${what}`, debit: from, credit: 'buyers:refunded', amount },\n    { reference: `${subject}:${what}:again`, debit: from, credit: 'buyers:refunded', amount },",
  }),
  simulated('debt-not-posted', '32 a dispute is lost after the payout', {
    file: `${PAYMENTS}/domain/ledger/payment.postings.ts`,
    find: "    givenBack(disputeId, 'dispute-lost', receivable(sellerId), amount, [",
    replace:
      "    givenBack(disputeId, 'dispute-lost', receivable(sellerId), amount.minus(amount), [",
  }),
  simulated('refund-outlives-a-lost-dispute', '25 a refund while a dispute is lost', {
    file: `${PAYMENTS}/application/follow-disputes.ts`,
    find: 'lossOf(facts.refunded ?? facts.amount, payment, await tx.openRefundsOf(paymentId))',
    replace:
      '{ amount: (facts.refunded ?? facts.amount).exceeds(payment.refundable) ? payment.refundable : (facts.refunded ?? facts.amount), settled: [] }',
  }),
  simulated(
    'lost-dispute-does-not-wait',
    '26 a refund without an answer, and a dispute is lost',
    {
      file: `${PAYMENTS}/domain/refund.ts`,
      find: "return REFUND_TRANSITIONS[this.status].includes('CANCELLED');",
      replace: "return this.status !== 'PENDING' && this.isOpen();",
    },
    {
      file: `${PAYMENTS}/domain/refund.states.ts`,
      find: "SUBMITTED: ['PENDING', 'COMPLETED', 'FAILED'],",
      replace: "SUBMITTED: ['PENDING', 'COMPLETED', 'FAILED', 'CANCELLED'],",
    },
  ),
  simulated('dispute-ignored', '31 a dispute before the payout', {
    file: `${PAYMENTS}/application/process-webhook.ts`,
    find: 'if (await this.disputes.learn(disputeId)) return true;',
    replace: 'if (disputeId) return true;',
  }),
  simulated('fee-kept-of-a-refund', '25 the platform and a refund', {
    file: `${PAYMENTS}/application/refund-payment.ts`,
    find: 'platformFeeRefund: begun.platformFeeShare,',
    replace: 'platformFeeRefund: null,',
  }),
  simulated('fee-of-another-sale', '25 the platform takes other percents', {
    file: `${PAYMENTS}/domain/platform-fee.ts`,
    find: 'BigInt(basisPoints)) / 10_000n',
    replace: 'BigInt(basisPoints) + 9_999n) / 10_000n',
  }),
  simulated('own-payout-taken-for-the-processors', '28 a payout without an answer for days', {
    file: `${PAYMENTS}/application/release-due.ts`,
    find: 'const isAutomatic = release.at >= automaticAt(earlier(capture?.at, held.capturedAt));',
    replace: 'const isAutomatic = release.at >= (capture?.at ?? held.capturedAt);',
  }),
  simulated('processors-payout-not-learned', '28 PayPal pays by itself on day 28', {
    file: `${PAYMENTS}/application/watch-backstop.ts`,
    find: 'if (isPast(policy.automaticDays) && (await this.release.learnAutomatic(paymentId))) {',
    replace: 'if (isPast(policy.automaticDays + 100)) {',
  }),
  simulated('no-hard-stop', '28 what was never sent is still held on day 27', {
    file: `${PAYMENTS}/application/watch-backstop.ts`,
    find: 'if (!payment?.refundable.isPositive() || !isUnsent) return false;',
    replace: 'if (!payment || isUnsent || !isUnsent) return false;',
  }),
  simulated('refunded-with-payout-unknown', '28 PayPal has paid while we were down', {
    file: `${PAYMENTS}/application/refund-payment.ts`,
    find: 'if (!isPayoutKnown && disbursement?.mayBePaidByProcessor(now))',
    replace: 'if (!isPayoutKnown && disbursement === null)',
  }),
  simulated('lost-with-payout-unknown', '32 PayPal has paid, and a dispute is lost', {
    file: `${PAYMENTS}/application/follow-disputes.ts`,
    find: 'if (isTaken && !isPayoutKnown && disbursement.mayBePaidByProcessor(now)) return false;',
    replace: '',
  }),
  simulated('day-28-by-our-clock', '28 a capture that we learned of days later', {
    file: `${PAYMENTS}/domain/disbursement.ts`,
    find: 'isKnownLate ? takenAt : payment.capturedAt',
    replace: 'isKnownLate ? payment.capturedAt : payment.capturedAt',
  }),
  simulated('outbox-outside-the-transaction', '6 killed between the posting and the outbox', {
    file: `${KERNEL}/events/outbox.ts`,
    find: 'return this.transactions.run(() => this.append(events));\n    this.transactions.beforeCommit(this.write, events);',
    replace:
      'return this.transactions.run(async () => this.transactions.beforeCommit(this.write, events));\n    this.transactions.afterCommit(() => void this.append(events));',
  }),
  simulated('no-inbox', '44 duplicates beyond the memory of the bus', {
    file: `${KERNEL}/events/consumer.ts`,
    find: 'if (fresh.length > 0) await handler.handle(event);',
    replace: 'await handler.handle(event);',
  }),
  simulated(
    'acknowledged-before-it-is-done',
    '41 a consumer acknowledges before it persists',
    {
      file: `${KERNEL}/events/consumer.ts`,
      find: 'for (const event of batch.events) await this.receive(event);',
      replace: '',
    },
    {
      file: `${KERNEL}/events/consumer.ts`,
      find: "return batch.more ? 'soon' : false;",
      replace:
        "for (const event of batch.events) await this.receive(event);\n    return batch.more ? 'soon' : false;",
    },
  ),
  simulated('relay-does-not-wait', '40 the relay forgets what was not published', {
    file: `${KERNEL}/events/relay.ts`,
    find: 'await this.transport.publish(ready.map((row) => this.envelope(row)));',
    replace: 'this.transport.publish(ready.map((row) => this.envelope(row))).catch(() => {});',
  }),
  simulated(
    'blind-cancel',
    '21 the seller withdraws while the buyer pays',
    {
      file: `${PAYMENTS}/domain/payment-request.ts`,
      find: '  withdraw(now: Date): PaymentRequestEvent {\n    this.refuseInFlight();',
      replace: '  withdraw(now: Date): PaymentRequestEvent {',
    },
    {
      file: `${PAYMENTS}/domain/payment-request.states.ts`,
      find: "PAYING: ['PAID', 'PENDING', 'SENT'],",
      replace: "PAYING: ['PAID', 'PENDING', 'SENT', 'WITHDRAWN'],",
    },
  ),
  simulated('no-sweeper', '2 killed after the claim, before PayPal is asked', {
    file: `${PAYMENTS}/application/reconcile-attempts.ts`,
    find: 'let settled = 0;',
    replace: 'let settled = 0;\n    if (now.getTime() > 0) return settled;',
  }),
  simulated('hold-too-short', '24 the time of a payout', {
    file: `${PAYMENTS}/domain/disbursement.ts`,
    find: '  NEW: 5,',
    replace: '  NEW: 2,',
  }),
  simulated('paid-before-all-was-sent', '29 a partial shipment', {
    file: 'subgraphs/orders/domain/order.ts',
    find: 'if (this.lastMarkedSentAt === null || this.items.some((item) => item.open > 0)) return false;',
    replace: 'if (this.lastMarkedSentAt === null) return false;',
  }),
  simulated('void-ignored', '30 marked as sent, then taken back', {
    file: `${PAYMENTS}/application/schedule-release.ts`,
    find: 'async (disbursement, now) => disbursement.unschedule(now)',
    replace: 'async () => null',
  }),
  simulated('freeze-ignored', '31 a hold before the payout', {
    file: `${PAYMENTS}/application/schedule-release.ts`,
    find: 'disbursement.setReason(reason, isOpen, now),',
    replace: 'isOpen ? null : disbursement.setReason(reason, isOpen, now),',
  }),
  simulated('restriction-ignored-at-capture', '31 a seller who may not be paid', {
    file: `${PAYMENTS}/application/keep-books.ts`,
    find: 'if (!(await tx.mayReceivePayouts(sellerId)))',
    replace: 'if (now.getTime() < 0)',
  }),
  simulated('amount-not-checked', '12 the captured amount differs', {
    file: `${PAYMENTS}/application/settle-attempt.ts`,
    find: `if (outcome.kind === 'CAPTURED' && !outcome.amount.equals(seen.amount))`,
    replace: `if (outcome.kind === 'CAPTURED' && outcome.amount.isNegative())`,
  }),
  simulated('not-given-back', '12 the captured amount differs', {
    file: `${PAYMENTS}/application/settle-attempt.ts`,
    find: 'await this.gateway.giveBack(outcome.captureId, attempt);\n      return this.execute(attemptId, {',
    replace: 'return this.execute(attemptId, {',
  }),
  simulated('refund-not-set-aside', '25 two refunds at once exceed the payment', {
    file: `${PAYMENTS}/domain/payment.ts`,
    find: 'this.become({ refundedTotal: this.refundedTotal.plus(amount) });',
    replace: 'this.become({});',
  }),
  simulated('read-before-write-missing', '10 the answer was lost, and nothing is read', {
    file: GATEWAY,
    find: 'return (await this.seen(orderId)) ?? (await this.end(orderId));',
    replace: "return { kind: 'NOTHING' };",
  }),
  simulated('given-up-and-not-ended', '2 a process stands still before it takes the money', {
    file: GATEWAY,
    find: 'return (await this.seen(orderId)) ?? (await this.end(orderId));',
    replace: "return (await this.seen(orderId)) ?? { kind: 'NOTHING' };",
  }),
  simulated(
    'order-not-written-down',
    '3 killed after the order, before its id is stored',
    {
      file: `${PAYMENTS}/application/pay-payment-request.ts`,
      find: "processorOrderId: order.kind === 'READY' ? order.processorOrderId : null,",
      replace: 'processorOrderId: null,',
    },
    {
      file: `${PAYMENTS}/application/pay-payment-request.ts`,
      find: "order.kind === 'DECLINED' ? order : await this.gateway.capture(attempt, vaultId);",
      replace:
        "order.kind === 'DECLINED' ? order : await this.gateway.capture({ id: attempt.id, processorOrderId: order.processorOrderId }, vaultId);",
    },
  ),
  simulated('pending-taken-for-declined', '11 PayPal says PENDING', {
    file: GATEWAY,
    find: "    case 'PENDING':\n      return {\n        kind: 'PENDING',\n        processorOrderId,\n        reason: capture.status_details?.reason ?? 'PENDING',\n      };",
    replace:
      "    case 'PENDING':\n      return { kind: 'DECLINED', processorOrderId, code: 'PENDING', advice: 'USE_OTHER' };",
  }),
  simulated('unknown-taken-for-failed', '8 a timeout, and the capture happened', {
    file: GATEWAY,
    find: "if (!(error instanceof ProcessorRefused)) return { kind: 'UNKNOWN', processorOrderId: orderId };",
    replace:
      "if (!(error instanceof ProcessorRefused)) return { kind: 'DECLINED', processorOrderId: orderId, code: 'X', advice: 'RETRY_SAME' };",
  }),
  simulated('unsigned-webhook-taken', '17 a forged webhook', {
    file: `${PAYMENTS}/application/process-webhook.ts`,
    find: 'if (refusal !== null) return refusal;',
    replace: '',
  }),
  simulated('posted-to-the-wrong-account', '4 the books', {
    file: `${PAYMENTS}/domain/ledger/payment.postings.ts`,
    find: "        reference: `${paymentId}:disbursed`,\n        debit: paidOut(sellerId),\n        credit: 'processor:clearing',",
    replace:
      "        reference: `${paymentId}:disbursed`,\n        debit: paidOut(sellerId),\n        credit: 'processor:fees',",
  }),
  simulated('posting-missing', '4 the books', {
    file: `${PAYMENTS}/domain/ledger/payment.postings.ts`,
    find: "        reference: `${paymentId}:processor-fee-kept`,\n        debit: 'processor:fees',\n        credit: 'processor:clearing',\n        amount: fee,",
    replace:
      "        reference: `${paymentId}:processor-fee-kept`,\n        debit: 'processor:fees',\n        credit: 'processor:clearing',\n        amount: fee.minus(fee),",
  }),
  simulated('no-hold-expiry', '20 stock held for a buyer who never came back', {
    file: 'subgraphs/catalog/application/expire-holds.ts',
    find: 'if (!hold?.isOverdue(now)) return;',
    replace: 'if (!hold?.isOverdue(now) || now.getTime() > 0) return;',
  }),
  simulated('oversold-when-the-hold-ran-out', '20 more sold than there is', {
    file: 'subgraphs/catalog/application/convert-hold.ts',
    find: 'if (lines.length !== command.lines.length || shortItems(lines, levels).size > 0) return null;',
    replace: 'if (levels.size < 0) return null;',
  }),
  simulated('impossible-order-not-refunded', '18 an order that cannot be served', {
    file: 'subgraphs/orders/application/place-order.ts',
    find: 'if (!order.items.some((item) => item.open > 0)) return [];',
    replace: 'if (now.getTime() > 0) return [];',
  }),
  simulated('version-check-missing', '22 the offer changes while the buyer pays', {
    file: `${PAYMENTS}/domain/payment-request.ts`,
    find: 'if (!approvedTotal.equals(this.total)) throw new OfferChanged();',
    replace: 'if (approvedTotal.isNegative()) throw new OfferChanged();',
  }),
  simulated('never-sent-not-cancelled', '30 an order that is never sent', {
    file: 'subgraphs/orders/application/timers.ts',
    find: 'const isDue = order.autoCancelAt <= now && order.items.some((item) => item.open > 0);',
    replace: 'const isDue = now.getTime() < 0;',
  }),
  simulated('cross-tenant-read', 'I16 a stranger learns of a request', {
    file: `${PAYMENTS}/domain/payment-request.policy.ts`,
    find: "    actsForSeller(actor, deal.sellerId) ||\n    actor.kind === 'support' ||",
    replace: "    actsForSeller(actor, deal.sellerId) ||\n    actor.kind !== 'anonymous' ||",
  }),
  simulated('owed-more-than-is-left', '25 a refund while the order is cancelled', {
    file: `${PAYMENTS}/events/on-order-events.ts`,
    find: 'payment !== null && amount.exceeds(payment.refundable) ? payment.refundable : amount;',
    replace: 'payment !== null && amount.isNegative() ? payment.refundable : amount;',
  }),
  tested(
    'events-by-their-own-transaction',
    '39 commits overtake one another',
    'test/subgraphs/kernel/events.test.ts',
    {
      file: `${KERNEL}/events/outbox.ts`,
      find: 'xid = greatest(v.xid, pg_current_xact_id())',
      replace: 'xid = pg_current_xact_id()',
    },
  ),
  simulated('won-appeal-not-restored', '32 an appeal gives the seller the money', {
    file: `${PAYMENTS}/application/follow-disputes.ts`,
    find: "if (hasLearned && dispute.outcome === 'WON' && wasLost && dispute.lost.isPositive())",
    replace: "if (hasLearned && dispute.outcome === 'WON' && wasLost && dispute.lost.isNegative())",
  }),
  simulated('lost-appeal-not-booked', '32 an appeal takes the money from the seller', {
    file: `${PAYMENTS}/domain/dispute.ts`,
    find: "const isDecided = status === 'RESOLVED' || (status === 'FINAL' && this.status === 'APPEALED');",
    replace: "const isDecided = status === 'RESOLVED';",
  }),
  tested(
    'appeal-credited-twice',
    '32 a dispute that was lost is won in the end',
    {
      test: 'test/subgraphs/payments/application/disputes.test.ts',
      matching: 'gives them no credit',
    },
    {
      file: `${PAYMENTS}/application/follow-disputes.ts`,
      find: 'const settled = owed.exceeds(amount) ? amount : owed;',
      replace: 'const settled = owed.isNegative() ? owed : amount;',
    },
  ),
  tested(
    'appeal-not-read-again',
    '14 a webhook is lost',
    'test/subgraphs/payments/domain/dispute.test.ts',
    {
      file: `${PAYMENTS}/domain/dispute.ts`,
      find: 'nextReadAt: isDecided ? null : after(now, READ_EVERY_MS),',
      replace: 'nextReadAt: isDecided ? null : this.nextReadAt,',
    },
  ),
  tested(
    'early-dispute-ignored',
    '31 a dispute before its capture is known',
    {
      test: 'test/subgraphs/payments/application/disputes.test.ts',
      matching: 'before its capture was settled',
    },
    {
      file: `${PAYMENTS}/application/process-webhook.ts`,
      find: "return (await this.disputed(event, event.disputeId)) ? 'PROCESSED' : 'WAITS';",
      replace: "return (await this.disputes.learn(event.disputeId)) ? 'PROCESSED' : 'IGNORED';",
    },
  ),
  tested(
    'answer-without-its-key',
    '19 the same buyer presses twice',
    {
      test: 'test/subgraphs/payments/application/paying.test.ts',
      matching: 'never begins another one',
    },
    {
      file: `${PAYMENTS}/application/pay-payment-request.ts`,
      find: 'await this.answerOf(await this.bound(command, running))',
      replace: 'await this.answerOf(running)',
    },
  ),
  tested(
    'row-not-locked',
    '37 two transactions change one row',
    'test/subgraphs/kernel/lock-row.test.ts',
    {
      file: `${KERNEL}/persistence/lock-row.ts`,
      find: "join(' and ')} for update`,",
      replace: "join(' and ')}`,",
    },
  ),
  tested(
    'any-certificate-host',
    '17 a certificate from elsewhere',
    'test/subgraphs/payments/processor/paypal/webhook-verifier.test.ts',
    {
      file: `${PAYMENTS}/processor/paypal/webhook-verifier.ts`,
      find: "url.hostname.endsWith('.paypal.com')",
      replace: "url.hostname.endsWith('paypal.com')",
    },
  ),
  tested(
    'signed-request-replayed',
    '17 a request is presented again',
    'test/subgraphs/kernel/request-signature.test.ts',
    {
      file: `${KERNEL}/identity/request-signature.ts`,
      find: 'this.seen.add(nonce);',
      replace: '',
    },
  ),
  tested(
    'sealed-text-moved-to-another-row',
    '56 sealed data',
    'test/subgraphs/kernel/sealing.test.ts',
    {
      file: `${KERNEL}/sealing.ts`,
      find: 'decipher.setAAD(Buffer.from(`${match[1]}\\0${place}`));',
      replace: 'decipher.setAAD(Buffer.from(`${match[1]}`));',
    },
    {
      file: `${KERNEL}/sealing.ts`,
      find: '    cipher.setAAD(Buffer.from(`${keyId}\\0${place}`));',
      replace: '    cipher.setAAD(Buffer.from(`${keyId}`));',
    },
  ),
];

export function bugCalled(name: string): Bug {
  const found = BUGS.find((bug) => bug.name === name);
  if (!found)
    throw new Error(`no bug is called "${name}"; known: ${BUGS.map((bug) => bug.name).join(', ')}`);
  return found;
}
