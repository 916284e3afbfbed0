import { InputError } from '@backstage/errors';
import { formatPlatform, parsePlatform } from '@imglife/oci';
import { validRange } from 'semver';
import { parsedField, textField } from './fields';
import { targetTagFault } from './targetTag';

/** A range of versions, as npm's `semver` reads it. */
export function semverField() {
  return textField('a range of versions such as ">=3.20 <4"').refine(
    text => validRange(text) !== null,
    'is no range of versions, such as ">=3.20 <4"',
  );
}

/** A platform, such as `linux/arm64`; normalised. */
export function platformField() {
  return parsedField('a platform such as linux/arm64', text =>
    formatPlatform(parsePlatform(text)),
  );
}

/** A template of target tags; what it renders is checked tag by tag. */
export function targetTagField() {
  return parsedField('a template such as "{{ tag }}"', text => {
    const fault = targetTagFault(text);
    if (fault) {
      throw new InputError(fault);
    }
    return text;
  });
}
