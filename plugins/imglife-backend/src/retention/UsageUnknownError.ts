import { InputError } from '@backstage/errors';

/** Who uses what is not known, so that nothing may be deleted at all. */
export class UsageUnknownError extends InputError {}
