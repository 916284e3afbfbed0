import { InputError } from '@backstage/errors';
import type { ImageTree } from './ImageTree';
import type { Owner } from './LayerWriter';

const MAX_BYTES = 1024 * 1024;

/** Lines of an account file of the image, cut at their colons. */
async function readAccounts(
  tree: ImageTree,
  path: string,
): Promise<string[][]> {
  const entry = tree.get(tree.resolve(path));
  if (entry?.type !== 'file' || entry.content.size > MAX_BYTES) {
    return [];
  }
  let text = '';
  for await (const chunk of await entry.content.open()) {
    text += chunk;
  }
  return text.split('\n').map(line => line.split(':'));
}

async function findAccount(
  name: string,
  kind: 'user' | 'group',
  image: () => Promise<ImageTree>,
): Promise<Owner> {
  if (/^\d+$/.test(name)) {
    return { uid: Number(name), gid: Number(name) };
  }
  const path = kind === 'user' ? 'etc/passwd' : 'etc/group';
  const accounts = await readAccounts(await image(), path);
  const found = accounts.find(([each]) => each === name);
  if (!found || !/^\d+$/.test(found[2] ?? '')) {
    throw new InputError(
      `there is no ${kind} "${name}" in the image's /${path}`,
    );
  }
  const [id, own] = [Number(found[2]), Number(found[3])];
  return { uid: id, gid: kind === 'user' && own >= 0 ? own : id };
}

/**
 * Numbers of `user`, `user:group` or `:group`. A user's group is the one
 * /etc/passwd gives it; a number without group is its own group's (Dockerfile
 * reference, COPY --chown).
 *
 * @param image - the files of the image so far; asked only for names
 * @throws InputError - the image has no such user or group
 */
export async function findOwner(
  text: string,
  image: () => Promise<ImageTree>,
): Promise<Owner> {
  const [user, group, more] = text.split(':');
  if (more !== undefined || (user === '' && !group)) {
    throw new InputError(`"${text}" is not of the form user:group`);
  }
  const owner =
    user === '' ? { uid: 0, gid: 0 } : await findAccount(user, 'user', image);
  return group
    ? { ...owner, gid: (await findAccount(group, 'group', image)).gid }
    : owner;
}
