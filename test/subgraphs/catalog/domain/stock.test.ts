import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Allocation } from '../../../../subgraphs/catalog/domain/allocation.ts';
import {
  MOVEMENT_OF,
  type StockLevel,
  type StockMovement,
  saleableUnits,
  shortItems,
} from '../../../../subgraphs/catalog/domain/stock.ts';
import { StockHold } from '../../../../subgraphs/catalog/domain/stock-hold.ts';

const level = (change: Partial<StockLevel> = {}): StockLevel => ({
  inventoryItemId: 'inv_1',
  onHand: 5,
  allocated: 0,
  held: 0,
  threshold: 0,
  ...change,
});
const line = (
  variantId: string,
  quantity: number,
  units = quantity,
  inventoryItemId = 'inv_1',
) => ({
  variantId,
  quantity,
  inventoryItemId,
  units,
});
const sumOf = (movements: readonly StockMovement[]) =>
  movements.reduce(
    (sum, { onHand, allocated, held }) => ({
      onHand: sum.onHand + onHand,
      allocated: sum.allocated + allocated,
      held: sum.held + held,
    }),
    { onHand: 0, allocated: 0, held: 0 },
  );

describe('saleableUnits', () => {
  it.each([
    { change: {}, units: 5 },
    { change: { allocated: 2, held: 1 }, units: 2 },
    { change: { threshold: 3 }, units: 2 },
    { change: { held: 4, threshold: 3 }, units: 0 },
  ])('is $units with $change', ({ change, units }) => {
    expect(saleableUnits(level(change))).toBe(units);
  });
});

describe('shortItems', () => {
  const levels = new Map([['inv_1', level()]]);

  it('sums the lines of one stock: each fits alone, both do not', () => {
    expect([...shortItems([line('var_a', 3)], levels)]).toEqual([]);
    expect([...shortItems([line('var_b', 1, 3)], levels)]).toEqual([]);
    expect([...shortItems([line('var_a', 3), line('var_b', 1, 3)], levels)]).toEqual(['inv_1']);
  });

  it('takes the last unit, not one more, and nothing of an unknown item', () => {
    expect([...shortItems([line('var_a', 5)], levels)]).toEqual([]);
    expect([...shortItems([line('var_a', 6)], levels)]).toEqual(['inv_1']);
    expect([...shortItems([line('var_a', 1, 1, 'inv_2')], levels)]).toEqual(['inv_2']);
  });
});

describe('StockHold', () => {
  const expiresAt = new Date('2030-01-01T00:15:00.000Z');
  const taken = () =>
    StockHold.take('hld_1', 'prq_1', [line('var_a', 2), line('var_b', 1, 3)], expiresAt).hold;

  it('moves every unit into held, and out of it again however it ends', () => {
    const { hold, movements } = StockHold.take('hld_1', 'prq_1', [line('var_a', 2)], expiresAt);

    expect(sumOf(movements)).toEqual({ onHand: 0, allocated: 0, held: 2 });
    expect(sumOf(hold.convert())).toEqual({ onHand: 0, allocated: 2, held: -2 });
    expect(sumOf(taken().release())).toEqual({ onHand: 0, allocated: 0, held: -5 });
    expect(sumOf(taken().expire())).toEqual({ onHand: 0, allocated: 0, held: -5 });
  });

  it('ends once', () => {
    const hold = taken();
    hold.expire();

    expect(() => hold.convert()).toThrow(expect.objectContaining({ code: 'ILLEGAL_TRANSITION' }));
    expect(() => hold.release()).toThrow(expect.objectContaining({ from: 'EXPIRED' }));
    expect(hold.status).toBe('EXPIRED');
  });

  it('is kept longer, never shorter, and is overdue at its very end', () => {
    const hold = taken();

    hold.extendTo(new Date('2030-01-01T00:10:00.000Z'));
    expect(hold.expiresAt).toEqual(expiresAt);
    hold.extendTo(new Date('2030-01-01T00:20:00.000Z'));

    expect(hold.isOverdue(new Date('2030-01-01T00:19:59.999Z'))).toBe(false);
    expect(hold.isOverdue(new Date('2030-01-01T00:20:00.000Z'))).toBe(true);
  });

  it('knows its own lines in any order, and no others', () => {
    expect(taken().isFor([line('var_b', 1, 3), line('var_a', 2)])).toBe(true);
    expect(taken().isFor([line('var_a', 2)])).toBe(false);
    expect(taken().isFor([line('var_a', 3), line('var_b', 1, 3)])).toBe(false);
  });
});

describe('Allocation', () => {
  const place = {
    reference: 'prq_1',
    paymentId: 'pay_1',
    variantId: 'var_a',
    inventoryItemId: 'inv_1',
    unitsPerSale: 3,
  };
  const ordered = (quantity: number) =>
    Allocation.of(place, { ordered: quantity, sold: 0, released: 0, restocked: 0, writtenOff: 0 });

  it('sends in parts, in units of stock, and never more than was ordered', () => {
    const allocation = ordered(3);

    expect(sumOf(allocation.sell(2, 'ord_1'))).toEqual({ onHand: -6, allocated: -6, held: 0 });
    expect(sumOf(allocation.sell(2, 'ord_1'))).toEqual({ onHand: -3, allocated: -3, held: 0 });
    expect(allocation.sell(2, 'ord_1')).toEqual([]);
    expect(allocation).toMatchObject({ allocated: 0, away: 3, orderId: 'ord_1' });
  });

  it.each([
    { restock: true, change: { onHand: 0, allocated: -6, held: 0 } },
    { restock: false, change: { onHand: -6, allocated: -6, held: 0 } },
  ])('cancelled before sending with restock $restock moves $change', ({ restock, change }) => {
    const allocation = ordered(2);

    expect(sumOf(allocation.cancel(2, restock))).toEqual(change);
    expect(allocation.quantities).toMatchObject({ released: 2, sold: 0, restocked: 0 });
  });

  it('cancelled after sending comes back, or stays off the books', () => {
    const good = ordered(1);
    good.sell(1, 'ord_1');
    const lost = ordered(1);
    lost.sell(1, 'ord_1');

    expect(sumOf(good.cancel(1, true))).toEqual({ onHand: 3, allocated: 0, held: 0 });
    expect(lost.cancel(1, false)).toEqual([]);
    expect(lost.quantities).toMatchObject({ restocked: 0, writtenOff: 1 });
  });

  it('takes back good units and damaged ones, and no more than were sent', () => {
    const allocation = ordered(3);
    allocation.sell(2, 'ord_1');

    expect(sumOf(allocation.takeBack(1, 1))).toEqual({ onHand: 3, allocated: 0, held: 0 });
    expect(allocation.takeBack(1, 1)).toEqual([]);
    expect(allocation.quantities).toMatchObject({ restocked: 1, writtenOff: 1 });
  });

  // Whatever order the news comes in, no unit is counted twice and none is lost.
  it('keeps its sums in every sequence of events', () => {
    const news = fc.array(
      fc.record({
        kind: fc.constantFrom('sell', 'cancel', 'restock', 'takeBack'),
        quantity: fc.integer({ min: 0, max: 5 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), news, (quantity, steps) => {
        const allocation = ordered(quantity);
        const movements = steps.flatMap(({ kind, quantity: count }) => {
          if (kind === 'sell') return allocation.sell(count, 'ord_1');
          if (kind === 'takeBack') return allocation.takeBack(count, 1);
          return allocation.cancel(count, kind === 'restock');
        });
        const { sold, released, restocked, writtenOff, ordered: total } = allocation.quantities;

        expect(sold + released).toBeLessThanOrEqual(total);
        expect(restocked + writtenOff).toBeLessThanOrEqual(sold);
        expect(sumOf(movements).allocated).toBe(-3 * (sold + released) || 0);
        expect(sumOf(movements).onHand).toBeGreaterThanOrEqual(-3 * total);
      }),
      { numRuns: 300 },
    );
  });
});

describe('MOVEMENT_OF', () => {
  it('has these effects on a level, written out by hand', () => {
    expect(MOVEMENT_OF).toEqual({
      HELD: { onHand: 0, allocated: 0, held: 1 },
      RELEASED: { onHand: 0, allocated: 0, held: -1 },
      EXPIRED: { onHand: 0, allocated: 0, held: -1 },
      ALLOCATED: { onHand: 0, allocated: 1, held: -1 },
      SOLD: { onHand: -1, allocated: -1, held: 0 },
      CANCELLED: { onHand: 0, allocated: -1, held: 0 },
      RESTOCKED: { onHand: 1, allocated: 0, held: 0 },
      WRITTEN_OFF: { onHand: -1, allocated: 0, held: 0 },
    });
  });
});
