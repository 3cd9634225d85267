import { readFileSync } from 'node:fs';
import { Kind, type OperationDefinitionNode, parse, print } from 'graphql';
import { CannotRun, type Graph, Refused } from './surroundings.ts';

// biome-ignore lint/suspicious/noExplicitAny: each command reads the answer of its own operation
type Data = any;

const CLIENT_NAME = 'operations';
const TIMEOUT_MS = 60_000;

/** Runs one of operations.graphql; resolves to the value of its only field. */
export async function ask(graph: Graph, name: string, variables: object): Promise<Data> {
  const response = await fetch(graph.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${graph.token}`,
      'graphql-client-name': CLIENT_NAME,
    },
    body: JSON.stringify({ query: documentOf(name), variables }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: Error) => {
    throw new CannotRun(`${graph.url} does not answer: ${error.message}`);
  });
  const answer = (await response.json().catch(() => null)) as Data;
  if (answer === null)
    throw new CannotRun(`${graph.url} is not a graph (HTTP ${response.status}).`);
  const [error] = answer.errors ?? [];
  if (error) throw new Refused(`${error.extensions?.code ?? 'ERROR'}: ${error.message}`);
  const value: Data = Object.values(answer.data)[0];
  const [refused] = value?.userErrors ?? [];
  if (refused) throw new Refused(`${refused.code}: ${refused.message}`);
  return value;
}

/** One operation with the fragments it uses, as it is registered. */
function documentOf(name: string): string {
  const { definitions } = parse(
    readFileSync(new URL('./operations.graphql', import.meta.url), 'utf8'),
    { noLocation: true },
  );
  const operation = definitions.find(
    (each): each is OperationDefinitionNode =>
      each.kind === Kind.OPERATION_DEFINITION && each.name?.value === name,
  );
  if (!operation) throw new Error(`there is no operation ${name}`);
  const text = print(operation);
  const fragments = definitions.filter(
    (each) => each.kind === Kind.FRAGMENT_DEFINITION && text.includes(`...${each.name.value}`),
  );
  return [text, ...fragments.map((fragment) => print(fragment))].join('\n\n');
}
