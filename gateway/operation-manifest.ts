import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type DocumentNode, getOperationAST, Kind, parse, print } from 'graphql';
import { z } from 'zod';
import { ConfigError } from './config.ts';

/** One operation of a manifest. Its id is the sha256 of its body, so that it can mean one thing. */
export interface ManifestOperation {
  readonly id: string;
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly body: string;
}

const FORMAT = 'apollo-persisted-query-manifest';
const VERSION = 1;
export const MANIFEST_ENDING = '.json';

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  operations: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      body: z.string(),
    }),
  ),
});

export function operationId(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Every manifest of a folder by its client: `<client>.json`. Throws ConfigError. */
export function readManifests(directory: string): Map<string, readonly ManifestOperation[]> {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    throw new ConfigError(`${directory} cannot be read: ${(error as Error).message}`);
  }
  const manifests = names.filter((name) => name.endsWith(MANIFEST_ENDING)).sort();
  return new Map(
    manifests.map((name) => [basename(name, MANIFEST_ENDING), readManifest(join(directory, name))]),
  );
}

/** Reads Apollo's persisted query manifest and checks every id. Throws ConfigError. */
export function readManifest(file: string): readonly ManifestOperation[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const result = manifestSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new ConfigError(`${file}: ${issue?.path.join('.') || 'manifest'}: ${issue?.message}`);
  }
  const seen = new Set<string>();
  for (const operation of result.data.operations) {
    const fault = seen.has(operation.id) ? 'is listed twice' : faultOf(operation);
    if (fault) throw new ConfigError(`${file}: operation ${operation.name} ${fault}`);
    seen.add(operation.id);
  }
  return result.data.operations;
}

/** The text of a manifest: sorted, so that the same operations are always the same file. */
export function manifestText(operations: Iterable<ManifestOperation>): string {
  const sorted = [...operations].sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
  const entries = sorted.map(({ id, name, type, body }) => ({ id, name, type, body }));
  return `${JSON.stringify({ format: FORMAT, version: VERSION, operations: entries }, null, 2)}\n`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function faultOf({ id, name, type, body }: ManifestOperation): string | null {
  const expected = operationId(body);
  if (id !== expected) return `has the id ${id}, but its body is ${expected}`;
  try {
    const operation = getOperationAST(parse(body));
    if (!operation) return 'does not hold exactly one operation';
    if (operation.name?.value !== name) return `is named ${operation.name?.value} in its body`;
    return operation.operation === type ? null : `is a ${operation.operation}, not a ${type}`;
  } catch (error) {
    return `cannot be parsed: ${(error as Error).message}`;
  }
}

/** A document as it is compared: what the specification ignores is gone, and so is the order. */
export interface CanonicalDocument {
  readonly text: string;
  readonly tokenCount: number;
}

/** Throws a GraphQLError for a document that does not parse, or has more tokens than allowed. */
export function canonicalDocument(body: string, tokensMax?: number): CanonicalDocument {
  const document = parse(body, { noLocation: true, maxTokens: tokensMax });
  return { text: sortedText(document), tokenCount: document.tokenCount ?? 0 };
}

function sortedText(document: DocumentNode): string {
  return document.definitions
    .map((definition) => {
      const operation = definition.kind === Kind.OPERATION_DEFINITION ? '0' : '1';
      return `${operation} ${print(definition)}`;
    })
    .sort(compare)
    .join('\n');
}
