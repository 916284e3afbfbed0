import { DOMParser, type Element, onWarningStopParsing } from '@xmldom/xmldom';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { validateXML } from 'xmllint-wasm';
import { z } from 'zod';
import { CliHarness } from '../testing/CliHarness';
import { verdictOf } from '../testing/verdictOf';

const cli = CliHarness.create();
beforeEach(cli.start);
afterEach(cli.stop);

const BASE = 'registry.example.com/bases/alpine:3.21.3-core1.0.0';
const bad = verdictOf({
  freshness: 'outdated',
  outdatedSince: '2026-05-02',
  support: 'ended',
  eolDate: '2026-11-01',
  status: 'critical',
  violations: ['outdated', 'ended'],
  advice: 'Set BASE_IMAGE to <new> & "better", 100%\nor :newest',
  warnings: ['base image is <outdated>\u0007', 'it ended'],
});
const warned = verdictOf({ status: 'warning', warnings: ['it ends soon'] });

async function check(output: string, ...options: string[]): Promise<string> {
  await cli.write(
    'Dockerfile.ci',
    `# syntax=docker/dockerfile:1\nFROM ${BASE}\n`,
  );
  const { stdout } = await cli.run([
    ...['check', '--dockerfile', './Dockerfile.ci', '--output', output],
    ...options,
  ]);
  return stdout;
}

describe('junit', () => {
  const parse = (text: string) => {
    const document = new DOMParser({
      onError: onWarningStopParsing,
    }).parseFromString(text, 'text/xml');
    return (name: string): Element[] => [
      ...document.getElementsByTagName(name),
    ];
  };

  it.each([
    ['with failures', bad, ['--strict']],
    ['with warnings', bad, []],
    ['without either', verdictOf(), ['--strict']],
  ])('is what the schema knows, %s', async (_name, body, options) => {
    cli.portal.answer = () => ({ body });
    const schema = await readFile(
      path.join(__dirname, '__fixtures__/junit.xsd'),
      'utf8',
    );
    const faults = async (contents: string) =>
      (
        await validateXML({
          xml: [{ fileName: 'report.xml', contents }],
          schema: [schema],
        })
      ).errors.map(({ message }) => message);
    const text = await check('junit', ...options);
    expect(await faults(text)).toEqual([]);
    expect(
      await faults(text.replace('<testcase ', '<testcase file="x" ')),
    ).toEqual([expect.stringContaining("The attribute 'file' is not allowed")]);
  });

  it('has a failure for each case that is violated', async () => {
    cli.portal.answer = () => ({ body: bad });
    const text = await check('junit', '--strict');
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/);
    const all = parse(text);
    const [suites] = all('testsuites');
    expect(suites.getAttribute('failures')).toBe('2');
    expect(all('testsuite')[0].getAttribute('tests')).toBe('2');
    const failures = all('failure');
    expect(
      failures.map(each => [
        (each.parentNode as Element).getAttribute('name'),
        each.getAttribute('type'),
      ]),
    ).toEqual([
      ['freshness', 'outdated'],
      ['support', 'ended'],
    ]);
    expect(failures[0].textContent).toBe(
      `${BASE} is outdated since 2026-05-02. Set BASE_IMAGE to <new> & "better", 100%\nor :newest`,
    );
    expect(all('system-out')[0].textContent).toBe(
      'base image is <outdated>\nit ended',
    );
  });

  it('passes with a base that is well', async () => {
    cli.portal.answer = () => ({ body: verdictOf() });
    const all = parse(await check('junit', '--strict'));
    expect(all('testsuites')[0].getAttribute('failures')).toBe('0');
    expect(all('testcase')).toHaveLength(2);
    expect(all('failure')).toHaveLength(0);
  });

  it('tells the one unknown from the other', async () => {
    const body = verdictOf({ freshness: 'current', support: 'unknown' });
    cli.portal.answer = () => ({ body });
    const [failure] = parse(await check('junit', '--fail-on', 'unknown'))(
      'failure',
    );
    expect((failure.parentNode as Element).getAttribute('name')).toBe(
      'support',
    );
  });
});

describe('github', () => {
  it.each([
    [['--strict'], 'error'],
    [[], 'warning'],
  ])('%j annotates with an %s', async (options, level) => {
    cli.portal.answer = () => ({ body: bad });
    expect((await check('github', ...options)).split('\n')).toEqual([
      `::${level} file=Dockerfile.ci,line=2,title=imglife%3A outdated::${BASE} is outdated since 2026-05-02. Set BASE_IMAGE to <new> & "better", 100%25%0Aor :newest`,
      `::${level} file=Dockerfile.ci,line=2,title=imglife%3A ended::${BASE} has reached its end of life on 2026-11-01. Set BASE_IMAGE to <new> & "better", 100%25%0Aor :newest`,
      '',
    ]);
  });

  it('annotates what the portal warns of, and nothing else', async () => {
    cli.portal.answer = () => ({ body: warned });
    expect(await check('github', '--strict')).toBe(
      '::warning file=Dockerfile.ci,line=2,title=imglife%3A notice::it ends soon\n',
    );
    cli.portal.answer = () => ({ body: verdictOf() });
    expect(await check('github', '--strict')).toBe('');
  });
});

describe('gitlab', () => {
  // GitLab documentation, Code Quality report format
  const schema = z.array(
    z.strictObject({
      description: z.string().min(1),
      check_name: z.string().min(1),
      fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
      severity: z.enum(['info', 'minor', 'major', 'critical', 'blocker']),
      location: z.strictObject({
        path: z.string().regex(/^(?!\.\/|\/)/),
        lines: z.strictObject({ begin: z.number().int().min(1) }),
      }),
    }),
  );

  it('is a Code Quality report', async () => {
    cli.portal.answer = () => ({ body: bad });
    const report = schema.parse(JSON.parse(await check('gitlab', '--strict')));
    expect(report).toMatchObject([
      {
        check_name: 'imglife-outdated',
        severity: 'major',
        location: { path: 'Dockerfile.ci', lines: { begin: 2 } },
      },
      { check_name: 'imglife-ended' },
    ]);
    const prints = report.map(({ fingerprint }) => fingerprint);
    expect(new Set(prints).size).toBe(2);

    // The same fault of a newer tag is still the same fault
    cli.portal.answer = () => ({ body: { ...bad, base: `${BASE}.1` } });
    const again = schema.parse(JSON.parse(await check('gitlab')));
    expect(again.map(({ fingerprint }) => fingerprint)).toEqual(prints);
    expect(again[0].severity).toBe('minor');
  });

  it('is an empty list when all is well', async () => {
    cli.portal.answer = () => ({ body: verdictOf() });
    expect(JSON.parse(await check('gitlab', '--strict'))).toEqual([]);
  });
});

it('prints Markdown that cannot break out of its cells', async () => {
  cli.portal.answer = () => ({ body: bad });
  const text = await check('markdown');
  expect(text).toContain('### ❌ Base image\n\n| | |\n| --- | --- |\n');
  expect(text).toContain('| Support | ended |\n');
  expect(text).toContain(
    '| Advice | Set BASE\\_IMAGE to &lt;new&gt; &amp; "better", 100% or :newest |\n',
  );
  cli.portal.answer = () => ({ body: warned });
  expect(await check('markdown')).toMatch(/^### ⚠️ .*\n\n- it ends soon\n$/s);
  cli.portal.answer = () => ({ body: verdictOf() });
  expect(await check('markdown')).toMatch(/^### ✅ /);
});
