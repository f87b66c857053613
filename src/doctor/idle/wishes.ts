import type { IdleRequest } from '../types';

/** The settings, as JupyterLab has them. */
export interface ILoaded {
  /** What the user wrote. */
  readonly user: Readonly<Record<string, unknown>>;
  /** The same, over the defaults. */
  readonly composite: Readonly<Record<string, unknown>>;
}

const NAMES = ['idleLimit', 'hourlyPrice', 'currency'];

/**
 * What the user wants to be told of idle accelerators; null for a user who has
 * never said, so that what the administrator set stays in force.
 */
export function wishesOf({ user, composite }: ILoaded): IdleRequest | null {
  const isSaid = NAMES.some(
    name => user[name] !== undefined || Boolean(composite[name])
  );
  return isSaid
    ? {
        limit_minutes: amount(composite.idleLimit),
        hourly_price: amount(composite.hourlyPrice),
        currency:
          typeof composite.currency === 'string' ? composite.currency : ''
      }
    : null;
}

/** What ends a wish that was made before. */
export const NO_WISHES: IdleRequest = {
  limit_minutes: null,
  hourly_price: null,
  currency: ''
};

function amount(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}
