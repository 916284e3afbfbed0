// Writes snapshot.json beside this file from product answers of the
// endoflife.date API v1 (`/api/v1/products/{name}`), kept as JSON files:
//   node make-snapshot.mjs products/*.json
import { readFileSync, writeFileSync } from 'node:fs';

/** Leaves out what is absent, so that the file stays small. */
function compact(object) {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) => value !== null && value !== undefined,
    ),
  );
}

function productOf(result) {
  return {
    name: result.name,
    label: result.label,
    aliases: result.aliases,
    purls: result.identifiers
      .filter(({ type, id }) => type === 'purl' && /^pkg:(docker|oci)\//.test(id))
      .map(({ id }) => id),
    releases: result.releases.map(release =>
      compact({
        name: release.name,
        codename: release.codename,
        releaseDate: release.releaseDate,
        eolFrom: release.eolFrom,
        isEol: release.isEol,
        eoesFrom: release.eoesFrom,
        latest: release.latest?.name,
      }),
    ),
  };
}

const answers = process.argv
  .slice(2)
  .map(file => JSON.parse(readFileSync(file, 'utf8')));
if (answers.length === 0) {
  throw new Error('usage: node make-snapshot.mjs PRODUCT.json…');
}
const products = answers
  .map(({ result }) => productOf(result))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
// the oldest answer's date: data never looks younger than it is
const [generatedAt] = answers.map(answer => answer.generated_at).sort();
const lines = products.map(product => {
  const { releases, ...rest } = product;
  const rows = releases.map(release => `      ${JSON.stringify(release)}`);
  const head = JSON.stringify(rest).slice(0, -1);
  return `    ${head},"releases":[\n${rows.join(',\n')}\n    ]}`;
});
writeFileSync(
  new URL('snapshot.json', import.meta.url),
  `{\n  "generatedAt": ${JSON.stringify(
    new Date(generatedAt).toISOString(),
  )},\n  "source": "https://endoflife.date/api/v1",\n  "products": [\n${lines.join(
    ',\n',
  )}\n  ]\n}\n`,
);
