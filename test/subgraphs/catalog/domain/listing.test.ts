import { describe, expect, it } from '@jest/globals';
import { Listing, type ListingText } from '../../../../subgraphs/catalog/domain/listing.ts';
import { prohibitedTermsIn } from '../../../../subgraphs/catalog/domain/prohibited-terms.ts';
import { lineTitle } from '../../../../subgraphs/catalog/domain/variant.ts';

const now = new Date('2030-01-01T00:00:00.000Z');
const later = new Date('2030-01-02T00:00:00.000Z');
const text: ListingText = {
  title: 'Mug',
  description: 'Holds tea.',
  imageUrl: null,
  handlingBusinessDays: 3,
  returnWindowDays: 30,
  isFinalSale: false,
};
const given = {
  id: 'lst_1',
  sellerId: 'sel_1',
  category: 'PHYSICAL' as const,
  currency: 'USD',
};
const clean = () => [];
const draft = () => Listing.draft(given, text, now);
const active = () => {
  const listing = draft();
  listing.publish([], now);
  return listing;
};
const removed = () => {
  const listing = active();
  listing.remove('Not allowed here.', now);
  return listing;
};

describe('Listing.publish', () => {
  it('puts a clean draft on sale at once', () => {
    const listing = draft();

    const event = listing.publish([], later);

    expect(listing).toMatchObject({ status: 'ACTIVE', publishedAt: later, reviewReason: null });
    expect(event).toEqual({
      type: 'listing.changed',
      listingId: 'lst_1',
      sellerId: 'sel_1',
      status: 'ACTIVE',
      occurredAt: later,
    });
  });

  it('keeps a draft with a prohibited term for a person, and says which', () => {
    const listing = draft();

    listing.publish(['ivory'], now);

    expect(listing).toMatchObject({
      status: 'IN_REVIEW',
      publishedAt: null,
      reviewReason: "These words need a person's look first: ivory.",
    });
  });

  // What support took off sale must not come back because its seller presses the button again.
  it.each([
    { from: 'REMOVED_BY_POLICY', listing: removed, allowed: ['ARCHIVED', 'IN_REVIEW'] },
    { from: 'ACTIVE', listing: active, allowed: ['ARCHIVED', 'PAUSED', 'REMOVED_BY_POLICY'] },
  ])('is refused from $from, and changes nothing', ({ from, listing: make, allowed }) => {
    const listing = make();

    expect(() => listing.publish([], later)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_TRANSITION', currentState: from }),
    );

    expect(listing).toEqual(make());
    try {
      listing.publish([], later);
    } catch (error) {
      expect([...(error as { allowedActions: string[] }).allowedActions].sort()).toEqual(allowed);
    }
  });
});

describe('Listing', () => {
  it('comes back from a removal by an appeal and a yes, and by nothing else', () => {
    const listing = removed();

    expect(() => listing.resume(now)).toThrow(
      expect.objectContaining({ from: 'REMOVED_BY_POLICY' }),
    );
    expect(() => listing.approve(now)).toThrow(
      expect.objectContaining({ from: 'REMOVED_BY_POLICY' }),
    );
    listing.appeal(now);
    expect(() => listing.resume(now)).toThrow(expect.objectContaining({ from: 'IN_REVIEW' }));
    listing.approve(later);

    expect(listing).toMatchObject({ status: 'ACTIVE', reviewReason: null, publishedAt: now });
  });

  it('goes back to review when an edit brings in a prohibited term', () => {
    const listing = active();

    const event = listing.edit({ title: 'Ivory mug' }, [], () => ['ivory'], later);

    expect(listing).toMatchObject({ status: 'IN_REVIEW', title: 'Ivory mug' });
    expect(event.status).toBe('IN_REVIEW');
  });

  it('stays on sale after a clean edit', () => {
    const listing = active();

    listing.edit({ title: 'Cup' }, [], clean, later);

    expect(listing).toMatchObject({ status: 'ACTIVE', title: 'Cup', updatedAt: later });
  });

  it('cannot be edited once archived', () => {
    const listing = active();
    listing.archive(now);

    expect(() => listing.edit({ title: 'Cup' }, [], clean, later)).toThrow(
      expect.objectContaining({ code: 'ILLEGAL_TRANSITION', currentState: 'ARCHIVED' }),
    );

    expect(listing.title).toBe('Mug');
  });

  it('refuses what cannot be marked as sent', () => {
    expect(() => Listing.draft({ ...given, category: 'DIGITAL' }, text, now)).toThrow(
      expect.objectContaining({ code: 'CATEGORY_NOT_ACCEPTED' }),
    );
  });

  it.each([
    { change: { title: '' }, code: 'TEXT_EMPTY' },
    { change: { title: ' \n' }, code: 'TEXT_EMPTY' },
    { change: { title: 'x'.repeat(128) }, code: 'TEXT_TOO_LONG' },
    { change: { title: 'a\u0000b' }, code: 'TEXT_NOT_STORABLE' },
    { change: { title: 'a\ud83d' }, code: 'TEXT_NOT_STORABLE' },
    { change: { description: 'x'.repeat(2001) }, code: 'TEXT_TOO_LONG' },
    { change: { imageUrl: 'http://example.com/a.png' }, code: 'IMAGE_URL_NOT_ACCEPTED' },
    { change: { imageUrl: 'javascript:alert(1)' }, code: 'IMAGE_URL_NOT_ACCEPTED' },
    { change: { imageUrl: 'https://' }, code: 'IMAGE_URL_NOT_ACCEPTED' },
    { change: { handlingBusinessDays: 0 }, code: 'TERMS_OUT_OF_RANGE' },
    { change: { handlingBusinessDays: 16 }, code: 'TERMS_OUT_OF_RANGE' },
    { change: { returnWindowDays: -1 }, code: 'TERMS_OUT_OF_RANGE' },
    { change: { returnWindowDays: 366 }, code: 'TERMS_OUT_OF_RANGE' },
  ])('refuses $change with $code', ({ change, code }) => {
    expect(() => Listing.draft(given, { ...text, ...change }, now)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('takes the longest of each', () => {
    const longest = {
      title: '🫖'.repeat(127),
      description: 'ท'.repeat(2000),
      handlingBusinessDays: 15,
      returnWindowDays: 365,
    };

    expect(Listing.draft(given, { ...text, ...longest }, now).text).toEqual({
      ...text,
      ...longest,
    });
  });
});

describe('prohibitedTermsIn', () => {
  it.each([
    { text: 'An IVORY box', found: ['ivory'] },
    { text: 'ｉｖｏｒｙ', found: ['ivory'] },
    { text: 'ivory-coloured', found: ['ivory'] },
    { text: 'Ivorybill bird print', found: [] },
    { text: 'a replica  watch', found: ['replica watch'] },
    { text: 'हाथी दाँत का डिब्बा', found: ['हाथी दाँत'] },
    { text: 'C++ book', found: ['c++'] },
    { text: '', found: [] },
  ])('finds $found in "$text"', ({ text: given, found }) => {
    expect(prohibitedTermsIn([given], ['ivory', 'replica watch', 'हाथी दाँत', 'c++'])).toEqual(
      found,
    );
  });

  it('finds no term across two texts', () => {
    expect(prohibitedTermsIn(['a replicawatch', 'watch'], ['replica watch'])).toEqual([]);
  });
});

describe('lineTitle', () => {
  it('names the choice, and is cut to the room a receipt has, by characters', () => {
    expect(lineTitle('Mug', null)).toBe('Mug');
    expect(lineTitle('Mug', 'Blue')).toBe('Mug (Blue)');
    expect([...lineTitle('🫖'.repeat(127), 'Blue')]).toHaveLength(127);
    expect(lineTitle('🫖'.repeat(127), 'Blue').isWellFormed()).toBe(true);
  });
});
