import { z } from 'zod';

/** The three tiers of images (seed: "Three-Tier Model"). @public */
export const tiers = ['mirrors', 'bases', 'applications'] as const;

/** One of the three tiers. @public */
export type Tier = (typeof tiers)[number];

/**
 * How fresh a base is compared with what is published, in the order in which
 * the rules match.
 *
 * @public
 */
export const freshnessValues = [
  'none',
  'withdrawn',
  'unknown',
  'unmanaged',
  'outdated',
  'rebuilt',
  'superseded',
  'current',
] as const;

/** How fresh a base is. @public */
export type Freshness = (typeof freshnessValues)[number];

/** Where an image stands against its end-of-life date. @public */
export const supportValues = [
  'ended',
  'ending',
  'supported',
  'unknown',
] as const;

/** Where an image stands against its end-of-life date. @public */
export type Support = (typeof supportValues)[number];

/** The one word that sums a row up, worst first. @public */
export const statusValues = ['critical', 'warning', 'unknown', 'ok'] as const;

/** The one word that sums a row up. @public */
export type Status = (typeof statusValues)[number];

/** The state of a mirrored tag. @public */
export const mirrorStates = [
  'current',
  'moved',
  'gone-upstream',
  'failed',
] as const;

/** The state of a mirrored tag. @public */
export type MirrorState = (typeof mirrorStates)[number];

/** The state of a base tag. @public */
export const baseStates = [
  'published',
  'blocked',
  'failed',
  'withdrawn',
  'retired',
] as const;

/** The state of a base tag. @public */
export type BaseState = (typeof baseStates)[number];

/** The state of an application row. @public */
export const applicationStates = [
  'current',
  'earlier',
  'discovered',
  'gone',
] as const;

/** The state of an application row. @public */
export type ApplicationState = (typeof applicationStates)[number];

/** What a base is for; a development base never fails a check. @public */
export const baseKinds = ['core', 'special', 'development'] as const;

/** What a base is for. @public */
export type BaseKind = (typeof baseKinds)[number];

/** Why a base was built. @public */
export const buildReasons = [
  'first-build',
  'mirror-moved',
  'new-upstream-tag',
  'core-version',
  'tag-format',
  'template',
  'context',
  'arguments',
  'compression',
  'platforms',
  'forced',
  'adopted',
] as const;

/** Why a base was built. @public */
export type BuildReason = (typeof buildReasons)[number];

/** How the base of an application was found. @public */
export const detectionMethods = [
  'declared',
  'annotation',
  'chain',
  'label',
  'none',
] as const;

/** How the base of an application was found. @public */
export type DetectionMethod = (typeof detectionMethods)[number];

/** How far the found base can be trusted. @public */
export const confidences = ['confirmed', 'low', 'unconfirmed', 'none'] as const;

/** How far the found base can be trusted. @public */
export type Confidence = (typeof confidences)[number];

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
