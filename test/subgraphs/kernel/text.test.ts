import { describe, expect, it } from '@jest/globals';
import { checkedText } from '../../../subgraphs/kernel/text.ts';

const limits = { path: ['text'], maxCodePoints: 5 };

describe('checkedText', () => {
  it.each(['नमस्ते'.slice(0, 5), 'ราคา?', 'مرحبا', '👩‍👩‍👧', 'e\u0301', 'é', ' a '])(
    'returns %j byte for byte',
    (text) => {
      expect(checkedText(text, limits)).toBe(text);
    },
  );

  it('counts code points, not UTF-16 units', () => {
    expect(checkedText('😀😀😀😀😀', limits)).toBe('😀😀😀😀😀');
    expect(() => checkedText('😀😀😀😀😀😀', limits)).toThrow(
      expect.objectContaining({ code: 'TEXT_TOO_LONG' }),
    );
  });

  it.each([
    { text: '', code: 'TEXT_EMPTY' },
    { text: ' \n\t', code: 'TEXT_EMPTY' },
    { text: 'abcdef', code: 'TEXT_TOO_LONG' },
    { text: 'a\u0000b', code: 'TEXT_NOT_STORABLE' },
    { text: 'a\ud800b', code: 'TEXT_NOT_STORABLE' },
    { text: '\udc00', code: 'TEXT_NOT_STORABLE' },
  ])('refuses $text with $code', ({ text, code }) => {
    expect(() => checkedText(text, limits)).toThrow(
      expect.objectContaining({ code, path: ['text'] }),
    );
  });
});
