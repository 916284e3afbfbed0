import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { BuildChange } from '@imglife/backstage-plugin-imglife-common';
import { shortDigest } from '../rules/shortDigest';
import { imglifeTranslationRef } from '../translation';

/** Why a base is built, and where it is known what was and what is. */
export function BuildChanges(props: {
  reasons: string[];
  changes: BuildChange[];
}) {
  const { reasons, changes } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const value = (text: string | null) =>
    text === null ? t('image.nothing') : shortDigest(text);
  return (
    <>
      {reasons.map(reason => {
        const change = changes.find(each => each.reason === reason);
        return (
          <div key={reason}>
            {reason}
            {change &&
              (change.from !== null || change.to !== null) &&
              `: ${value(change.from)} → ${value(change.to)}`}
          </div>
        );
      })}
    </>
  );
}
