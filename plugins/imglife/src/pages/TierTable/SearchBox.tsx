import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { SearchField } from '@backstage/ui';
import { useEffect, useRef, useState } from 'react';
import { imglifeTranslationRef } from '../../translation';

const SETTLE_MS = 300;
const SHORTEST = 3;

/**
 * Searches while one types, once the letters have come to rest: the server
 * wants three.
 */
export function SearchBox(props: {
  value: string | undefined;
  onChange: (text: string | undefined) => void;
}) {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [text, setText] = useState(props.value ?? '');
  const sent = useRef(props.value);
  const onChange = useRef(props.onChange);
  onChange.current = props.onChange;

  // the URL changed under us: back button, cleared filters
  useEffect(() => {
    if (props.value !== sent.current) {
      sent.current = props.value;
      setText(props.value ?? '');
    }
  }, [props.value]);

  useEffect(() => {
    const trimmed = text.trim();
    const search = trimmed.length >= SHORTEST ? trimmed : undefined;
    if (search === sent.current) {
      return undefined;
    }
    const timer = setTimeout(() => {
      sent.current = search;
      onChange.current(search);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);

  return (
    <SearchField
      size="small"
      aria-label={t('filter.search')}
      placeholder={t('filter.searchPlaceholder')}
      value={text}
      onChange={setText}
    />
  );
}
