/** What the processor says of the account it keeps for the seller. */
export interface ProcessorStanding {
  readonly merchantId: string;
  readonly paymentsReceivable: boolean;
  readonly primaryEmailConfirmed: boolean;
  /** Partner fee and delayed disbursement were both granted. */
  readonly hasNeededPermissions: boolean;
}

/** A step that only the seller can take, on the processor's own page. */
export type ProcessorRequirement = 'CONFIRM_EMAIL' | 'GRANT_PERMISSIONS' | 'ENABLE_RECEIVING';

/** What is missing before the seller may take money, in the order of the processor's page. */
export function missingIn(standing: ProcessorStanding): readonly ProcessorRequirement[] {
  return [
    ...(standing.hasNeededPermissions ? [] : (['GRANT_PERMISSIONS'] as const)),
    ...(standing.primaryEmailConfirmed ? [] : (['CONFIRM_EMAIL'] as const)),
    ...(standing.paymentsReceivable ? [] : (['ENABLE_RECEIVING'] as const)),
  ];
}

/**
 * True when the seller has been on the processor's page and left something open. Nothing at all
 * granted yet only says that the page was not finished: the application is still on its way.
 */
export function isHalfDone(standing: ProcessorStanding): boolean {
  const missing = missingIn(standing).length;
  return missing > 0 && missing < 3;
}
