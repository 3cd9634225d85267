import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql';
import { ConfigError } from './config.ts';
import { type ManifestOperation, operationId, readManifest } from './operation-manifest.ts';

/**
 * The operations of .graphql files, of folders of them, of globs, and of manifests (.json). A
 * fragment may be in another file than the operation that uses it. Throws ConfigError.
 */
export function readOperationFiles(paths: readonly string[]): readonly ManifestOperation[] {
  const files = [...new Set(paths.flatMap(filesAt))].sort();
  const registered = files.filter((file) => file.endsWith('.json')).flatMap(readManifest);
  const documents = files.filter((file) => !file.endsWith('.json')).map(readDocument);
  return [...registered, ...operationsOf(documents)];
}

function filesAt(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    return globSync(join(path, '**/*.{graphql,gql}'));
  }
  const found = globSync(path);
  if (found.length === 0) throw new ConfigError(`${path} does not exist`);
  return found;
}

interface Document {
  readonly file: string;
  readonly document: DocumentNode;
}

function readDocument(file: string): Document {
  try {
    return { file, document: parse(readFileSync(file, 'utf8'), { noLocation: true }) };
  } catch (error) {
    throw new ConfigError(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
}

function operationsOf(documents: readonly Document[]): ManifestOperation[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations = new Map<string, OperationDefinitionNode>();
  for (const { file, document } of documents) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        addOnce(fragments, definition.name.value, definition, `${file}: fragment`);
      } else if (definition.kind === Kind.OPERATION_DEFINITION) {
        if (!definition.name) throw new ConfigError(`${file}: an operation has no name`);
        addOnce(operations, definition.name.value, definition, `${file}: operation`);
      } else {
        throw new ConfigError(`${file}: holds type definitions, not operations`);
      }
    }
  }
  return [...operations.values()].map((operation) => manifestOperation(operation, fragments));
}

function addOnce<T>(known: Map<string, T>, name: string, value: T, what: string): void {
  if (known.has(name)) throw new ConfigError(`${what} ${name} is defined twice`);
  known.set(name, value);
}

/** The operation and the fragments it uses, printed, so that layout does not change its id. */
function manifestOperation(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ManifestOperation {
  const used = new Map<string, FragmentDefinitionNode>();
  collectFragments(operation, fragments, used);
  const sorted = [...used.keys()].sort().map((name) => used.get(name)!);
  const body = print({ kind: Kind.DOCUMENT, definitions: [operation, ...sorted] });
  const name = operation.name!.value;
  return { id: operationId(body), name, type: operation.operation, body };
}

function collectFragments(
  node: OperationDefinitionNode | FragmentDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  used: Map<string, FragmentDefinitionNode>,
): void {
  visit(node, {
    FragmentSpread({ name }) {
      const fragment = fragments.get(name.value);
      // One that is nowhere is for validation to report.
      if (!fragment || used.has(name.value)) return;
      used.set(name.value, fragment);
      collectFragments(fragment, fragments, used);
    },
  });
}
