import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applications } from './applications';

const FOLDER = join(__dirname, '..', 'entities');

/** Documents of all files as `kind name owner images`, by their lines. */
function readComponents(): string[] {
  const field = (document: string, name: string) =>
    new RegExp(`^ *${name}: (.+)$`, 'm').exec(document)?.[1];
  return readdirSync(FOLDER)
    .flatMap(file => readFileSync(join(FOLDER, file), 'utf8').split(/^---$/m))
    .filter(document => field(document, 'kind') === 'Component')
    .map(document =>
      ['name', 'owner', 'imglife.io/images']
        .map(name => field(document, name))
        .join(' '),
    )
    .sort();
}

it('has a component of the right team for every application', () => {
  expect(readComponents()).toEqual(
    applications
      .map(
        ({ name, team }) =>
          `${name} group:default/${team} 127.0.0.1:5402/apps/${name}`,
      )
      .sort(),
  );
});
