import { describe, expect, it } from '@jest/globals';
import {
  MalformedResponse,
  type ResponseHead,
  ResponseReader,
} from '../../../../gateway/execution/http-client/response-reader.ts';

interface Answer {
  readonly head: ResponseHead;
  body: string;
  ended: boolean;
}

/** Reads the bytes in pieces of so many, or whole. */
function read(text: string, size = Number.POSITIVE_INFINITY) {
  const answers: Answer[] = [];
  const reader = new ResponseReader({
    head: (head) => answers.push({ head, body: '', ended: false }),
    body: (bytes) => {
      answers.at(-1)!.body += bytes.toString('latin1');
    },
    end: () => {
      answers.at(-1)!.ended = true;
    },
  });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size));
  return { answers, reader };
}

const OK = 'HTTP/1.1 200 OK\r\n';
const COUNTED = `${OK}Content-Type: Application/JSON\r\nContent-Length: 5\r\nX-Long-Header: 1\r\n\r\nhello`;
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n`;

describe('responses on one connection', () => {
  const all = `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${COUNTED}${CHUNKED}HTTP/1.1 204 No Content\r\n\r\n${OK}content-length: 0\r\n\r\n${COUNTED}`;

  it.each([Number.POSITIVE_INFINITY, 1, 2, 3, 7, 64])('are told apart in pieces of %d', (size) => {
    const { answers } = read(all, size);

    expect(answers.map(({ head, body, ended }) => [head.status, body, ended])).toEqual([
      [200, 'hello', true],
      [200, 'abc0123456789', true],
      [204, '', true],
      [200, '', true],
      [200, 'hello', true],
    ]);
    expect(answers[0]!.head.contentType).toBe('application/json');
  });

  it('end with the connection where nothing else says so', () => {
    const { answers, reader } = read(`${OK}\r\nall of it`);

    expect(answers).toMatchObject([{ body: 'all of it', ended: false }]);
    expect(answers[0]!.head.keepsAlive).toBe(false);
    expect(reader.close()).toBe(true);
    expect(answers[0]!.ended).toBe(true);
  });

  it('are incomplete when the connection ends inside one', () => {
    expect(read(COUNTED.slice(0, -1)).reader.close()).toBe(false);
    expect(read(CHUNKED.slice(0, -2)).reader.close()).toBe(false);
    expect(read(COUNTED.slice(0, 10)).reader.close()).toBe(false);
  });

  it.each<[string, boolean, number | null]>([
    [`${OK}content-length: 0\r\n\r\n`, true, null],
    [`${OK}connection: close\r\ncontent-length: 0\r\n\r\n`, false, null],
    [`${OK}connection: upgrade, Close\r\ncontent-length: 0\r\n\r\n`, false, null],
    ['HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', false, null],
    ['HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n', true, null],
    [`${OK}keep-alive: timeout=72, max=9\r\ncontent-length: 0\r\n\r\n`, true, 72_000],
  ])('say whether the connection lives on: %j', (text, keepsAlive, idleMs) => {
    expect(read(text).answers[0]!.head).toMatchObject({ keepsAlive, idleMs });
  });
});

describe('what can be read in two ways is refused', () => {
  it.each([
    ['no status line', 'hello\r\n\r\n'],
    ['another protocol', 'HTTP/2 200 OK\r\n\r\n'],
    ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
    ['a length and chunks', `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['two lengths', `${OK}content-length: 3\r\ncontent-length: 4\r\n\r\n`],
    ['a length that is none', `${OK}content-length: 3, 3\r\n\r\n`],
    ['a negative length', `${OK}content-length: -3\r\n\r\n`],
    ['a hexadecimal length', `${OK}content-length: 0x3\r\n\r\n`],
    ['another transfer encoding', `${OK}transfer-encoding: gzip, chunked\r\n\r\n`],
    ['a content encoding', `${OK}content-encoding: gzip\r\ncontent-length: 3\r\n\r\n`],
    ['a header without a colon', `${OK}content-length 3\r\n\r\n`],
    ['a chunk without a size', `${OK}transfer-encoding: chunked\r\n\r\n\r\n`],
    ['a chunk size that is none', `${OK}transfer-encoding: chunked\r\n\r\n-1\r\n`],
    ['a chunk size over 32 bits', `${OK}transfer-encoding: chunked\r\n\r\n1ffffffff\r\n`],
    ['a chunk longer than it says', `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabcd\r\n`],
    ['a head without an end', `${OK}x: ${'y'.repeat(17_000)}`],
    [
      'a chunk size without an end',
      `${OK}transfer-encoding: chunked\r\n\r\n3;${'y'.repeat(5_000)}`,
    ],
  ])('%s', (_case, text) => {
    expect(() => read(text)).toThrow(MalformedResponse);
  });
});
