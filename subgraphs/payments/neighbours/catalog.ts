import { z } from 'zod';
import type { SubgraphCalls } from '../../kernel/calls.ts';
import { Money } from '../../kernel/money.ts';
import type { Catalog, ListingSnapshot, StockLine } from '../application/ports.ts';

const SNAPSHOT_FIELDS = `
  variantId listingId sellerId title description unitPrice { amountMinor currency }
  isSaleable returnWindowDays isFinalSale handlingBusinessDays`;

const snapshotSchema = z
  .object({
    variantId: z.string(),
    listingId: z.string(),
    sellerId: z.string(),
    title: z.string(),
    description: z.string(),
    unitPrice: z.object({ amountMinor: z.string(), currency: z.string() }),
    isSaleable: z.boolean(),
    returnWindowDays: z.number().int(),
    isFinalSale: z.boolean(),
    handlingBusinessDays: z.number().int(),
  })
  .transform(
    ({
      unitPrice,
      returnWindowDays,
      isFinalSale,
      handlingBusinessDays,
      ...rest
    }): ListingSnapshot => ({
      ...rest,
      unitPrice: Money.fromJSON(unitPrice),
      terms: { returnWindowDays, isFinalSale, handlingBusinessDays },
    }),
  );

const snapshotsAnswer = z.object({ listingSnapshots: z.array(snapshotSchema.nullable()) });
const holdAnswer = z.object({
  holdStock: z.object({ isHeld: z.boolean(), lines: z.array(snapshotSchema) }),
});

/** Longer than the longest wait for the processor; an attempt still open then extends nothing. */
const HOLD_SECONDS = 900;

/** The catalog, asked at once because stock must be held while a buyer pays. */
export class CatalogNeighbour implements Catalog {
  constructor(private readonly calls: SubgraphCalls) {}

  async snapshots(variantIds: readonly string[]): Promise<ListingSnapshot[]> {
    const answer = await this.calls.execute(
      'catalog',
      `query ListingSnapshots($variantIds: [ID!]!) { listingSnapshots(variantIds: $variantIds) { ${SNAPSHOT_FIELDS} } }`,
      { variantIds },
    );
    return snapshotsAnswer.parse(answer).listingSnapshots.filter((snapshot) => snapshot !== null);
  }

  async hold(reference: string, lines: readonly StockLine[]) {
    const answer = await this.calls.execute(
      'catalog',
      `mutation HoldStock($input: HoldStockInput!) { holdStock(input: $input) { isHeld lines { ${SNAPSHOT_FIELDS} } } }`,
      { input: { reference, lines, holdSeconds: HOLD_SECONDS } },
    );
    return holdAnswer.parse(answer).holdStock;
  }

  async release(reference: string): Promise<void> {
    await this.calls.execute(
      'catalog',
      'mutation ReleaseStock($input: ReleaseStockInput!) { releaseStock(input: $input) { isReleased } }',
      { input: { reference } },
    );
  }
}
