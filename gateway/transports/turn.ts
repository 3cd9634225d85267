let waiting: (() => void)[] = [];

/**
 * Calls back when all that came in with this turn of the event loop was looked at. Answers leave then,
 * together: a peer that sleeps is woken once for all of them, not once for each. Callbacks must not
 * throw; a promise's resolve does not.
 */
export function atEndOfTurn(callback: () => void): void {
  if (waiting.push(callback) === 1) setImmediate(leave);
}

function leave(): void {
  const leaving = waiting;
  waiting = [];
  for (const callback of leaving) callback();
}
