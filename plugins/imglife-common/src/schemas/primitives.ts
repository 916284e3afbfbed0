import { z } from 'zod';

// Neither PostgreSQL text nor JSON columns can hold NUL, and lone surrogates
// are no UTF-8: both would be a 5xx later, so that they are refused at the door.
function isStorableText(value: string): boolean {
  // with the flag u, only a surrogate without its partner is one
  return !value.includes('\u0000') && !/\p{Surrogate}/u.test(value);
}

/**
 * Text that every supported database can hold: no NUL, no lone surrogate.
 *
 * @param max - the most characters
 * @public
 */
export function text(max: number) {
  return z
    .string()
    .max(max)
    .refine(isStorableText, 'must not contain NUL or lone surrogates');
}

/** An image reference as it is posted; its grammar is checked by the service. @public */
export const referenceText = text(512).min(1);

/** `algorithm:hex` (OCI image-spec descriptor.md, Digests). @public */
export const digestText = z
  .string()
  .regex(
    /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/,
    'must be sha256:<64 hex> or sha512:<128 hex>',
  );

/** An instant, ISO 8601 with offset or `Z`. @public */
export const instantText = z.iso.datetime({ offset: true });

/** A calendar day, `YYYY-MM-DD`, UTC. @public */
export const dayText = z.iso.date();

/** `linux/arm64`, `linux/arm/v7`. @public */
export const platformText = z
  .string()
  .max(100)
  .regex(
    /^[a-z0-9_.-]+\/[a-z0-9_.-]+(\/[a-z0-9_.-]+)?$/,
    'must be os/architecture[/variant]',
  );
