import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** What is wrong with these outbox rows by the checked-in shapes; empty when nothing is. */
export function misshapen(
  rows: readonly { type: string; schema_version: number; payload: unknown }[],
): string[] {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  (formats as unknown as { default?: typeof formats; (ajv: Ajv2020): void })(ajv);
  const validators = new Map<string, ReturnType<Ajv2020['compile']>>();
  return rows.flatMap(({ type, schema_version, payload }) => {
    const name = `${type}.v${schema_version}`;
    const known = validators.get(name);
    const text = known ? '' : readFileSync(`schema/events/${name}.json`, 'utf8');
    const validate = known ?? ajv.compile(JSON.parse(text) as object);
    validators.set(name, validate);
    return validate(payload) ? [] : [`${name}: ${ajv.errorsText(validate.errors)}`];
  });
}
