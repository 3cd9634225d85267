import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/** `bare.ts ANSWERS PORT`: node:http giving ready-made bytes by path; what no gateway can pass. */
const [file = '', port = '0'] = process.argv.slice(2);
const answers = new Map(
  Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>).map(
    ([path, text]) => [path, Buffer.from(text)],
  ),
);

createServer((request, response) => {
  const answer = answers.get(request.url ?? '');
  request.on('data', () => undefined);
  request.on('end', () => {
    response.writeHead(answer ? 200 : 404, {
      'content-type': 'application/json',
      'content-length': answer?.length ?? 0,
    });
    response.end(answer);
  });
}).listen(Number(port), '127.0.0.1');
