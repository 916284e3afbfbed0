import { Flex } from '@backstage/ui';
import { RunButton } from './RunButton';

/** What can be started from the header of the page. */
export function RunActions() {
  return (
    <Flex gap="2">
      <RunButton kind="sync" />
      <RunButton kind="build" />
    </Flex>
  );
}
