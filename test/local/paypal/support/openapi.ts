import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { Exchange } from './recording-proxy.ts';

type Json = Record<string, unknown>;
interface Operation {
  readonly document: string;
  readonly template: string;
  readonly method: string;
}

const FOLDER = resolve(process.env.PAYPAL_OPENAPI_DIR ?? '../shared/paypal-openapi');
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Whether PayPal's documents are on this machine; they are not part of this repository. */
export const hasDocuments = existsSync(FOLDER);

/** Paths PayPal describes in prose alone. They have no schema to be compared with. */
const WITHOUT_DOCUMENT = [
  /^\/v1\/oauth2\/token$/,
  /^\/v1\/payments\/referenced-payouts-items/,
  /^\/v1\/customer\/partners\//,
  /^\/v1\/reporting\/transactions$/,
];

/**
 * Where the documents are behind PayPal's own guides. Each is a place in a request or an answer and
 * the reason; nothing else is excused.
 */
const EXCUSED: readonly { readonly operation: RegExp; readonly difference: RegExp }[] = [
  // The guide for saving a payment method and PayPal's own SDK send SETUP_TOKEN; this enum has
  // only BILLING_AGREEMENT.
  {
    operation: /^POST \/v3\/vault\/payment-tokens$/,
    difference: /^\/payment_source\/token\/type .*"SETUP_TOKEN"$/,
  },
  // "input", the JSON part of the form, is described in the guide; the document lists files only.
  { operation: /^POST \/v1\/customer\/disputes\/.*(evidence|claim)$/, difference: /^\/input / },
  // The text beside the carriers says that OTHER goes with a name of one's own; the list forgot it.
  { operation: /^POST \/v2\/checkout\/orders\/\w+\/track$/, difference: /^\/carrier .*"OTHER"$/ },
  // PayPal answers this to the capture of an order that is to be authorized, as shops meet it
  // (github.com/shopware/SwagPayPal/pull/819); the list has it for the authorization alone.
  {
    operation: /^POST \/v2\/checkout\/orders\/\w+\/capture$/,
    difference: /^\/details\/0.*"ACTION_DOES_NOT_MATCH_INTENT"/,
  },
];

/** Compares what went over the wire with PayPal's OpenAPI documents. */
export class PayPalDocuments {
  private readonly ajv = new Ajv({
    strict: false,
    allErrors: true,
    verbose: true,
    unicodeRegExp: false,
    // Formats of PayPal's own are let pass without a word for each.
    logger: false,
  });
  private readonly documents = new Map<string, Json>();
  private readonly operations: Operation[] = [];

  constructor() {
    addFormats.default(this.ajv);
    for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.json'))) {
      const document = usable(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))) as Json;
      this.documents.set(name, document);
      this.ajv.addSchema({ $id: name, ...document }, name);
      for (const [template, methods] of Object.entries(document.paths as Record<string, Json>))
        for (const method of METHODS.filter((one) => one in methods))
          this.operations.push({ document: name, template, method });
    }
  }

  /** Every way in which the exchange differs from the documents; empty when it does not. */
  differences(exchange: Exchange): string[] {
    const { pathname } = new URL(exchange.url, 'http://paypal');
    if (WITHOUT_DOCUMENT.some((path) => path.test(pathname))) return [];
    const operation = this.operations.find(
      ({ template, method }) =>
        method === exchange.method.toLowerCase() && matches(template, pathname),
    );
    const name = `${exchange.method} ${pathname}`;
    if (!operation) return [`${name}: PayPal documents no such operation`];
    return [
      ...this.ofParameters(operation, exchange),
      ...this.ofRequest(operation, exchange),
      ...this.ofAnswer(operation, exchange),
    ]
      .map(({ at, what }) => `${at} ${what}`)
      .filter((text) => !isExcused(name, text))
      .map((text) => `${name} ${exchange.status}: ${text}`);
  }

  /** Issues that PayPal documents for this operation and status. */
  issuesOf(method: string, template: string, status: string): readonly string[] {
    const operation = this.operations.find(
      (one) => one.method === method && one.template === template,
    );
    const issues = new Set<string>();
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) for (const one of value) walk(one);
      if (typeof value !== 'object' || value === null) return;
      const { $ref, issue } = value as { $ref?: string; issue?: { enum?: string[] } };
      if ($ref && operation) walk(this.resolve(operation.document, $ref));
      for (const one of issue?.enum ?? []) issues.add(one);
      for (const one of Object.values(value)) walk(one);
    };
    if (operation) walk(this.responseOf(operation, status));
    return [...issues];
  }

  private ofParameters(operation: Operation, { url, headers }: Exchange) {
    const described = this.described(operation);
    const declared = ((described.parameters ?? []) as Json[]).map((one) =>
      this.dereferenced(operation.document, one),
    );
    const query = new URL(url, 'http://paypal').searchParams;
    const found = declared.flatMap(({ name, in: place, required, schema }) => {
      const key = String(name);
      if (place === 'path') return [];
      const value = place === 'query' ? query.get(key) : (headers[key.toLowerCase()] ?? null);
      if (value === null) return required ? [{ at: `/${place}/${key}`, what: 'is missing' }] : [];
      const { type } = schema as { type?: string };
      const typed = type === 'integer' || type === 'boolean' ? JSON.parse(value) : value;
      return this.failures(operation, schema as Json, typed, `/${place}/${key}`);
    });
    const known = new Set(declared.filter((one) => one.in === 'query').map((one) => one.name));
    const strangers = [...query.keys()].filter((key) => !known.has(key));
    return [
      ...found,
      ...strangers.map((key) => ({ at: `/query/${key}`, what: 'is not documented' })),
    ];
  }

  private ofRequest(operation: Operation, exchange: Exchange) {
    if (exchange.requestBody === undefined) return [];
    const body = this.dereferenced(
      operation.document,
      (this.described(operation).requestBody ?? {}) as Json,
    );
    const content = body.content as Record<string, { schema: Json }> | undefined;
    const type = (exchange.headers['content-type'] ?? '').split(';')[0] ?? '';
    const schema = content?.[type]?.schema;
    if (!schema) return [{ at: '/', what: `${type} is not documented for this request` }];
    return this.compared(operation, schema, exchange.requestBody);
  }

  private ofAnswer(operation: Operation, { status, answer }: Exchange) {
    const response = this.responseOf(operation, String(status));
    if (!response) return [{ at: '/', what: `status ${status} is not documented` }];
    const schema = (response.content as Record<string, { schema: Json }> | undefined)?.[
      'application/json'
    ]?.schema;
    if (!schema) return answer === undefined ? [] : [{ at: '/', what: 'no body is documented' }];
    if (answer === undefined) return [{ at: '/', what: 'a body is documented' }];
    // What an error says beside its issue is PayPal's to change, as the documents themselves warn.
    return status >= 400
      ? this.failures(operation, schema, answer, '')
      : this.compared(operation, schema, answer);
  }

  private compared(operation: Operation, schema: Json, value: unknown) {
    return [
      ...this.failures(operation, schema, value, ''),
      ...this.strangers(operation.document, [schema], value, ''),
    ];
  }

  private failures(operation: Operation, schema: Json, value: unknown, prefix: string) {
    const absolute = JSON.parse(
      JSON.stringify(schema).replaceAll('"#/', `"${operation.document}#/`),
    ) as Json;
    const validate = this.ajv.compile(absolute);
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => ({
      at: `${prefix}${error.instancePath}`,
      what: `${error.message}, not ${JSON.stringify(error.data)?.slice(0, 80)}`,
    }));
  }

  /** Fields that no schema names. PayPal ignores them, so a misspelt one would never be noticed. */
  private strangers(
    document: string,
    schemas: readonly Json[],
    value: unknown,
    at: string,
  ): { at: string; what: string }[] {
    const all = schemas.flatMap((schema) => this.flattened(document, schema));
    if (Array.isArray(value)) {
      const items = all.flatMap((schema) => (schema.items ? [schema.items as Json] : []));
      return value.flatMap((one, index) => this.strangers(document, items, one, `${at}/${index}`));
    }
    if (typeof value !== 'object' || value === null) return [];
    const named = all.filter((schema) => schema.properties);
    if (named.length === 0 || all.some((schema) => schema.additionalProperties === true)) return [];
    return Object.entries(value).flatMap(([key, one]) => {
      const of = named.flatMap((schema) => {
        const property = (schema.properties as Record<string, Json>)[key];
        return property ? [property] : [];
      });
      if (of.length === 0) return [{ at: `${at}/${key}`, what: 'is not documented' }];
      return this.strangers(document, of, one, `${at}/${key}`);
    });
  }

  /** A schema and all that it is made of. */
  private flattened(document: string, schema: Json): Json[] {
    const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => (schema[key] as Json[]) ?? []);
    const target = schema.$ref ? [this.resolve(document, String(schema.$ref))] : [];
    return [schema, ...[...parts, ...target].flatMap((one) => this.flattened(document, one))];
  }

  private described({ document, template, method }: Operation): Json {
    const { paths } = this.documents.get(document) as { paths: Record<string, Json> };
    return paths[template]?.[method] as Json;
  }

  private responseOf(operation: Operation, status: string): Json | undefined {
    const responses = this.described(operation).responses as Record<string, Json>;
    const found = responses[status] ?? (Number(status) >= 400 ? responses.default : undefined);
    return found && this.dereferenced(operation.document, found);
  }

  private dereferenced(document: string, value: Json): Json {
    return typeof value.$ref === 'string' ? this.resolve(document, value.$ref) : value;
  }

  private resolve(document: string, reference: string): Json {
    return reference
      .replace('#/', '')
      .split('/')
      .reduce(
        (value, key) => value[key.replaceAll('~1', '/').replaceAll('~0', '~')] as Json,
        this.documents.get(document) as Json,
      );
  }
}

function isExcused(operation: string, difference: string): boolean {
  return EXCUSED.some((one) => one.operation.test(operation) && one.difference.test(difference));
}

function matches(template: string, path: string): boolean {
  const pattern = template.replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path);
}

/** Leaves out patterns that are no regular expressions, and the wording of errors. */
function usable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(usable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, one]) => !(key === 'pattern' && typeof one === 'string' && !isPattern(one)),
  );
  const copy = Object.fromEntries(entries.map(([key, one]) => [key, usable(one)])) as Json;
  const wording = (copy.properties as { issue?: unknown; description?: { enum?: unknown } })
    ?.description;
  if (wording && (copy.properties as Json).issue) delete wording.enum;
  return copy;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) !== null;
  } catch {
    return false;
  }
}
