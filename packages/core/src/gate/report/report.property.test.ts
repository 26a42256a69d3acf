import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { gateReport, renderReport } from '@sluice/testing/gate-report.ts';
import { diagramsOf, parseDiagram } from '@sluice/testing/mermaid.ts';
import { judgeMetrics } from '../kinds/metric/judge.ts';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import type { Sample } from '../sample.ts';
import { COMMENT_LIMIT } from '../../report/markdown.ts';
import { MERMAID_LIMIT } from '../../report/mermaid.ts';
import { fitSections } from '../../report/sections.ts';
import { reportSections } from './report.ts';
import type { GateReport } from './gate-report.ts';

const HOSTILE = [
  '</summary></details><script>alert(1)</script>',
  '| a | b |',
  '### heading',
  '```',
  '@octocat #12 https://evil.example',
  '\u202egnp.exe',
  '%%{init: {"securityLevel": "loose"}}%%',
  '<!-- sluice:evaluate-gate:m -->',
  'line\nbreak',
];
const name = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary', maxLength: 30 }),
  fc.constantFrom(...HOSTILE),
);
const share = fc.double({ min: 0, max: 1, noNaN: true });

function model(hits: readonly boolean[], scores: readonly number[]): Sample {
  const label = Float64Array.from(hits, (_, i) => i % 2);
  return {
    rows: hits.length,
    label,
    prediction: label.map((value, i) => (hits[i] === true ? value : 1 - value)),
    score: Float64Array.from(hits, (_, i) => scores[i % scores.length] as number),
  };
}

/** Reports of real verdicts on made-up models, under names that mean harm. */
const anyReport: fc.Arbitrary<GateReport> = fc
  .record({
    names: fc.uniqueArray(name, { minLength: 1, maxLength: 12 }),
    candidate: fc.array(fc.boolean(), { minLength: 8, maxLength: 40 }),
    scores: fc.array(share, { minLength: 1, maxLength: 5 }),
    carriers: fc.array(name, { minLength: 1, maxLength: 4 }),
    hasBaseline: fc.boolean(),
    isPullRequest: fc.boolean(),
    decision: fc.constantFrom('pass', 'warn', 'fail', 'error'),
    message: name.map((text) => `It failed: ${text}`),
    logged: fc.dictionary(name, share, { maxKeys: 5 }),
  })
  .map((given) => {
    const sample = model(given.candidate, given.scores);
    const before = model(
      given.candidate.map((right, i) => (i % 5 === 0 ? !right : right)),
      given.scores,
    );
    const rules = metricRules(
      given.names.map((ruleName, i) => ({
        metric: i % 3 === 2 ? ruleName : 'accuracy',
        name: ruleName,
        direction: 'higher' as const,
        min: 0.3,
        'max-regression': 0.05,
        ...(i % 3 === 1 ? { slices: [{ by: 'carrier' }] } : {}),
      })),
    );
    const logged = new Map(
      Object.entries(given.logged).map(([metric, value]) => [metric, { kind: 'value', value }] as const),
    );
    const cells = given.candidate.map((_, i) => given.carriers[i % given.carriers.length] as string);
    const results = judgeMetrics(
      rules,
      { sample, logged, column: () => cells },
      given.hasBaseline
        ? {
            kind: 'present',
            sample: { kind: 'same', value: before },
            logged: { kind: 'same', value: logged },
          }
        : { kind: 'none' },
    );
    const { decision, message, isPullRequest } = given;
    const ids = { broke: given.carriers, fixed: given.carriers };
    const versions = given.names.map((version) => ({ version, metrics: { accuracy: 0.5 } }));
    return gateReport({
      model: message,
      decision,
      message,
      isPullRequest,
      results,
      metrics: logged,
      baselineMetrics: logged,
      tried: given.carriers,
      notes: given.carriers,
      changed: { rows: 9, broke: 1, fixed: 1, ids },
      history: versions,
      calibration: [
        { rows: 4, expected: 1, positives: 2 },
        { rows: 4, expected: 3, positives: 2 },
      ],
    });
  });

// To shrink a report is to judge it again, for minutes; the seed repeats it.
fc.configureGlobal({ endOnFailure: true });

const markdown = new MarkdownIt({ html: true });
/** No picture, no element of its own, and no verdict that is a colour or a sign. */
const ALLOWED =
  /^\/?(h3|h4|p|br|strong|code|table|thead|tbody|tr|th|td|ul|li|details|summary|blockquote|pre)$/;

/** All tags of the rendered report but those of charts and code. */
function tagsOf(rendered: string): string[] {
  const html = rendered.replace(/<code[^>]*>[\s\S]*?<\/code>/g, '');
  return [...html.matchAll(/<(\/?[a-z0-9]+)[^>]*>/gi)].map(([, tag]) => tag as string);
}

describe('a report can be read without eyes, whatever the names in it', () => {
  test('headings, tables, folded parts and elements are as they should be', () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const html = markdown.render(renderReport(report));
        expectHeadings(html);
        expectTables(html);
        expect(tagsOf(html).filter((tag) => !ALLOWED.test(tag))).toEqual([]);
      }),
    );
    expect(renderReport({})).not.toMatch(/\p{Extended_Pictographic}/u);
  });

  /** They begin at the third level, one of it, and skip none. */
  function expectHeadings(html: string): void {
    const levels = tagsOf(html).filter((tag) => /^h\d$/.test(tag));
    expect(levels[0]).toBe('h3');
    expect(levels.slice(1).filter((level) => level !== 'h4')).toEqual([]);
  }

  /** Every table has a header row, every folded part a summary that says something. */
  function expectTables(html: string): void {
    const count = (pattern: RegExp): number => html.match(pattern)?.length ?? 0;
    expect(count(/<table>/g)).toBe(count(/<thead>/g));
    expect(count(/<th[ >]/g)).toBeGreaterThanOrEqual(count(/<table>/g));
    expect(count(/<th[^>]*><\/th>/g)).toBe(0);
    expect(count(/<details>/g)).toBe(count(/<summary>[^<]*\w[^<]*<\/summary>/g));
    expect(count(/<details>/g)).toBe(count(/<\/details>/g));
  }

  test('each chart is read by mermaid, and a sentence outside of it says the same', async () => {
    await fc.assert(
      fc.asyncProperty(anyReport, async (report) => {
        for (const diagram of diagramsOf(renderReport(report))) {
          expect(diagram.length).toBeLessThanOrEqual(MERMAID_LIMIT);
          expect(diagram).toMatch(/^accDescr: \S/m);
          await parseDiagram(diagram);
        }
        for (const { weight, markdown: text } of reportSections(report)) {
          if (weight !== 'chart') continue;
          const words = text.replace(/```mermaid[\s\S]*?```/g, '').replace(/<[^>]+>/g, '');
          expect(text === '' || words.trim().length > 60).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('however short it has to be, it is within the limit, whole in its parts, and keeps verdict and pointer', () => {
  const pointer = 'All of it is in report.md.';
  fc.assert(
    fc.property(anyReport, fc.integer({ min: 4_000, max: 12_000 }), (report, limit) => {
      const sections = reportSections(report);
      const text = fitSections(sections, limit, pointer);
      expect(text.length).toBeLessThanOrEqual(limit);
      const whole = fitSections(sections, COMMENT_LIMIT * 10, pointer);
      if (text === whole) return;
      expect(text.trimEnd().endsWith(pointer)).toBe(true);
      expect(text.match(/^<details>/gm)?.length).toBe(text.match(/^<\/details>/gm)?.length);
      expect((text.match(/^```/gm)?.length ?? 0) % 2).toBe(0);
      expect(text.split('\n', 1)[0]).toBe(whole.split('\n', 1)[0]);
    }),
  );
});
