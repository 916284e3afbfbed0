import type { ImageRow } from '../imageRows';
import { AcceptPanel } from './AcceptPanel';
import type { ImageAction } from './imageActions';
import { RunPanel } from './RunPanel';
import { WithdrawPanel } from './WithdrawPanel';

/** What was chosen to be done, to be confirmed, and what came of it. */
export function ActionPanel(props: {
  action: ImageAction;
  image: ImageRow;
  onDone: () => void;
}) {
  const { action, image, onDone } = props;
  if (image.tier === 'mirrors' && action === 'accept') {
    return <AcceptPanel row={image.row} onDone={onDone} />;
  }
  if (image.tier === 'mirrors') {
    return <RunPanel kind="sync" target={image.row.name} onDone={onDone} />;
  }
  if (image.tier === 'bases' && action === 'withdraw') {
    return <WithdrawPanel row={image.row} onDone={onDone} />;
  }
  if (image.tier === 'bases') {
    return <RunPanel kind="build" target={image.row.name} onDone={onDone} />;
  }
  return null;
}
