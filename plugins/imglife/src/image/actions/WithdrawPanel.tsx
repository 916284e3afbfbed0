import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Text, TextAreaField, TextField } from '@backstage/ui';
import type { BaseRow } from '@imglife/backstage-plugin-imglife-common';
import { useState } from 'react';
import { useSWRConfig } from 'swr';
import { imglifeApiRef } from '../../api/imglifeApiRef';
import { cacheKey } from '../../hooks/cacheKey';
import { imglifeTranslationRef } from '../../translation';
import { Failure } from '../Failure';
import { ActionFrame } from './ActionFrame';

const LONGEST_REASON = 1000;

/** Takes a bad base back, with why and what to use instead. */
export function WithdrawPanel(props: { row: BaseRow; onDone: () => void }) {
  const { row, onDone } = props;
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [reason, setReason] = useState('');
  const [replacement, setReplacement] = useState(newerThan(row));
  const { withdraw, isPending, isDone, error } = useWithdraw();
  return (
    <ActionFrame
      title={t('action.title-withdraw', { target: row.tag })}
      onDone={onDone}
      confirm={
        isDone
          ? undefined
          : {
              label: t('action.confirm-withdraw'),
              isPending,
              isDisabled: !reason.trim(),
              onPress: () =>
                void withdraw({
                  reference: row.reference,
                  reason: reason.trim(),
                  ...(replacement.trim() && {
                    replacement: replacement.trim(),
                  }),
                }),
            }
      }
    >
      <Text variant="body-medium">
        {t('action.withdrawMeans')}{' '}
        {row.usedBy > 0 && t('action.withdrawUsers', { count: row.usedBy })}
      </Text>
      {error && <Failure title={t('action.withdrawFailed')} error={error} />}
      {isDone ? (
        <Alert
          status="success"
          icon
          role="status"
          title={t('action.withdrawn')}
        />
      ) : (
        <>
          <TextAreaField
            label={t('action.reason')}
            description={t('action.reasonHelp')}
            isRequired
            maxLength={LONGEST_REASON}
            value={reason}
            onChange={setReason}
          />
          <TextField
            label={t('action.replacement')}
            description={t('action.replacementHelp')}
            value={replacement}
            onChange={setReplacement}
          />
        </>
      )}
    </ActionFrame>
  );
}

function useWithdraw() {
  const api = useApi(imglifeApiRef);
  const { mutate } = useSWRConfig();
  const [isPending, setPending] = useState(false);
  const [isDone, setDone] = useState(false);
  const [error, setError] = useState<Error>();
  return {
    isPending,
    isDone,
    error,
    async withdraw(request: Parameters<typeof api.withdrawBase>[0]) {
      setPending(true);
      setError(undefined);
      try {
        await api.withdrawBase(request);
        setDone(true);
        void mutate(key => Array.isArray(key) && key[0] === cacheKey(api));
      } catch (refusal) {
        setError(
          refusal instanceof Error ? refusal : new Error(String(refusal)),
        );
      } finally {
        setPending(false);
      }
    },
  };
}

/** The base to suggest: the newest of the cycle, or of all, if that is another. */
function newerThan(row: BaseRow): string {
  return (
    [row.latestInCycle, row.latest].find(
      reference => reference !== null && reference !== row.reference,
    ) ?? ''
  );
}
