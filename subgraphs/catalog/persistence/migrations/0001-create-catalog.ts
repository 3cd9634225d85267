import { Migration } from '../../../kernel/persistence/migration.ts';

export class CreateCatalog extends Migration {
  override up(): void {
    this.addSql(`
      create table listing (
        id text primary key,
        seller_id text not null,
        category text not null check (category in ('PHYSICAL', 'DIGITAL')),
        currency char(3) not null,
        created_at timestamptz not null,
        status text not null check (status in ('DRAFT', 'IN_REVIEW', 'ACTIVE', 'PAUSED', 'REMOVED_BY_POLICY', 'ARCHIVED')),
        title text not null,
        description text not null,
        image_url text,
        handling_business_days int not null,
        return_window_days int not null,
        is_final_sale boolean not null,
        review_reason text,
        published_at timestamptz,
        updated_at timestamptz not null
      )`);
    this.addSql('create index listing_seller on listing (seller_id, created_at desc, id desc)');
    this.addSql(
      `create index listing_active on listing (created_at desc, id desc) where status = 'ACTIVE'`,
    );
    this.addSql(`
      create table inventory_item (
        id text primary key,
        on_hand int not null check (on_hand >= 0),
        allocated int not null check (allocated >= 0),
        held int not null check (held >= 0),
        threshold int not null default 0 check (threshold >= 0),
        -- What is promised is never more than what is there, whatever a program believes.
        check (on_hand >= allocated + held)
      )`);
    this.addSql(`
      create table variant (
        id text primary key,
        listing_id text not null references listing (id) deferrable initially deferred,
        inventory_item_id text not null references inventory_item (id) deferrable initially deferred,
        units_per_sale int not null check (units_per_sale > 0),
        position int not null,
        title text,
        sku text,
        price_minor bigint not null check (price_minor > 0),
        price_currency char(3) not null,
        is_offered boolean not null
      )`);
    this.addSql('create index variant_listing on variant (listing_id, position)');
    this.addSql(`
      create table stock_movement (
        id bigint generated always as identity primary key,
        inventory_item_id text not null references inventory_item (id) deferrable initially deferred,
        kind text not null,
        on_hand int not null,
        allocated int not null,
        held int not null,
        reference text not null,
        reason text,
        moved_at timestamptz not null default clock_timestamp()
      )`);
    this.addSql('create index stock_movement_item on stock_movement (inventory_item_id, id)');
    this.addSql(`
      create function refuse_change() returns trigger language plpgsql as
      $$ begin raise exception 'rows of % are only ever added', tg_table_name; end $$`);
    this.addSql(`
      create trigger stock_movement_append_only before update or delete on stock_movement
      for each row execute function refuse_change()`);
    this.addSql(`
      create table stock_hold (
        id text primary key,
        reference text not null,
        lines jsonb not null,
        status text not null check (status in ('HELD', 'CONVERTED', 'RELEASED', 'EXPIRED')),
        expires_at timestamptz not null
      )`);
    this.addSql(
      `create unique index stock_hold_live on stock_hold (reference) where status = 'HELD'`,
    );
    this.addSql(`create index stock_hold_due on stock_hold (expires_at) where status = 'HELD'`);
    this.addSql(`
      create table allocation (
        reference text not null,
        payment_id text not null,
        variant_id text not null references variant (id) deferrable initially deferred,
        inventory_item_id text not null references inventory_item (id) deferrable initially deferred,
        units_per_sale int not null check (units_per_sale > 0),
        ordered int not null check (ordered > 0),
        sold int not null check (sold >= 0),
        released int not null check (released >= 0),
        restocked int not null check (restocked >= 0),
        written_off int not null check (written_off >= 0),
        primary key (reference, variant_id),
        check (sold + released <= ordered),
        check (restocked + written_off <= sold)
      )`);
    this.addSql('create index allocation_payment on allocation (payment_id)');
    this.addSql('create table prohibited_term (term text primary key)');
    this.addSql(
      `insert into prohibited_term values ('firearm'), ('ammunition'), ('counterfeit'), ('replica watch'), ('cocaine'), ('heroin'), ('ivory')`,
    );
    this.addSql(`
      create table price_limit (
        currency char(3) primary key,
        most_minor bigint not null check (most_minor > 0)
      )`);
    this.addSql(`insert into price_limit values ('USD', 1000000)`);
  }

  override down(): void {
    this.addSql(
      'drop table price_limit, prohibited_term, allocation, stock_hold, stock_movement, variant, inventory_item, listing',
    );
    this.addSql('drop function refuse_change');
  }
}
