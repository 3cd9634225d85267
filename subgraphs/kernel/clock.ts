/** Time is an argument: the domain never asks for it, use cases get it from here. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

export function after(moment: Date, milliseconds: number): Date {
  return new Date(moment.getTime() + milliseconds);
}

/** Adds business days (Monday to Friday, UTC), keeping the time of day. */
export function afterBusinessDays(moment: Date, days: number): Date {
  let result = moment;
  for (let left = days; left > 0; ) {
    result = after(result, DAY_MS);
    const day = result.getUTCDay();
    if (day !== 0 && day !== 6) left -= 1;
  }
  return result;
}
