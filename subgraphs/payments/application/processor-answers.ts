import { ProcessorNotAnswering } from '../domain/processor.errors.ts';
import { ProcessorOutcomeUnknown, ProcessorUnavailable } from './processor.port.ts';

/** For calls that are harmless to repeat: silence of the processor is a refusal that says so. */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ProcessorUnavailable || error instanceof ProcessorOutcomeUnknown)
      throw new ProcessorNotAnswering();
    throw error;
  }
}
