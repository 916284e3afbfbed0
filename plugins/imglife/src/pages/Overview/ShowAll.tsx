import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { type ReactNode, useState } from 'react';
import { imglifeTranslationRef } from '../../translation';

const SHOWN = 12;

/** The first of a list, and all of it on demand. */
export function ShowAll<T>(props: {
  items: T[];
  children: (shown: T[]) => ReactNode;
}) {
  const { items, children } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [isWhole, setWhole] = useState(false);
  return (
    <>
      {children(isWhole ? items : items.slice(0, SHOWN))}
      {items.length > SHOWN && (
        <Button
          size="small"
          variant="tertiary"
          aria-expanded={isWhole}
          onPress={() => setWhole(!isWhole)}
        >
          {isWhole
            ? t('overview.fewer')
            : t('overview.all', { shown: items.length.toLocaleString() })}
        </Button>
      )}
    </>
  );
}
