import type { Invariant } from './invariant.ts';

/** Nothing is sold twice, and what is on the shelf is what the movements say. */
export const GOODS: readonly Invariant[] = [
  {
    id: 'I6a',
    title: 'stock is never below nothing, and never promised twice',
    sql: `select id as subject, 'on hand ' || on_hand || ', allocated ' || allocated || ', held ' || held as problem
          from catalog.inventory_item
          where on_hand < 0 or allocated < 0 or held < 0 or on_hand < allocated + held`,
  },
  {
    id: 'I6b',
    title: 'the movements add up to the levels',
    sql: `select i.id as subject, 'its movements add up to something else' as problem
          from catalog.inventory_item i
          left join (select inventory_item_id, sum(on_hand) as on_hand, sum(allocated) as allocated, sum(held) as held
                     from catalog.stock_movement group by 1) as m on m.inventory_item_id = i.id
          where (coalesce(m.on_hand, 0), coalesce(m.allocated, 0), coalesce(m.held, 0)) <> (i.on_hand, i.allocated, i.held)`,
  },
  {
    id: 'I6c',
    title: 'what is allocated is what was paid for and waits to be sent',
    sql: `select i.id as subject, 'allocated ' || i.allocated || ', waiting ' || coalesce(a.units, 0) as problem
          from catalog.inventory_item i
          left join (select inventory_item_id, sum((ordered - sold - released) * units_per_sale) as units
                     from catalog.allocation group by 1) as a on a.inventory_item_id = i.id
          where i.allocated <> coalesce(a.units, 0)`,
  },
  {
    id: 'I6d',
    title: 'every unit of an order stands in exactly one place',
    sql: `select id as subject, 'its units do not add up' as problem from orders.order_item
          where open + sent + delivered + cancelled + returned <> quantity`,
  },
];
