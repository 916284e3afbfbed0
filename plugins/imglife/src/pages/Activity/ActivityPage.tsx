import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Container,
  Flex,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import { useUrlState } from '../../routing/useUrlState';
import { imglifeTranslationRef } from '../../translation';
import { ChangesList } from './ChangesList';
import { RunDialog } from './RunDialog';
import { RunsList } from './RunsList';

// what belongs to one list means nothing in the other
const NO_LIST = {
  kind: undefined,
  state: undefined,
  target: undefined,
  failing: undefined,
  base: undefined,
  cursor: undefined,
};

/** Runs with their progress and log, and what changed. */
export function ActivityPage() {
  const { t } = useTranslationRef(imglifeTranslationRef);
  const [state, change] = useUrlState();
  const view = state.view === 'changes' ? 'changes' : 'runs';
  return (
    <main>
      <Container py="4">
        <Flex direction="column" gap="4">
          <ToggleButtonGroup
            aria-label={t('activity.view')}
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[view]}
            onSelectionChange={keys => {
              const [key] = [...keys];
              change({
                ...NO_LIST,
                view: key === 'changes' ? 'changes' : undefined,
              });
            }}
          >
            <ToggleButton id="runs" size="small">
              {t('activity.runs')}
            </ToggleButton>
            <ToggleButton id="changes" size="small">
              {t('activity.changes')}
            </ToggleButton>
          </ToggleButtonGroup>
          {view === 'runs' ? <RunsList /> : <ChangesList />}
        </Flex>
      </Container>
      {state.run && (
        <RunDialog
          key={state.run}
          id={state.run}
          onClose={() => change({ run: undefined })}
        />
      )}
    </main>
  );
}
