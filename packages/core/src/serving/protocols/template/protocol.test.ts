import { describe, expect, test } from '@jest/globals';
import { protocolOf } from '../index.ts';
import type { TemplateConfig } from './schema.ts';

const section = (template: TemplateConfig['template']) => ({
  value: { template },
  name: 'verify.protocol',
  folder: '/',
});
const of = (template: TemplateConfig['template']) => protocolOf(section(template));

describe('a request', () => {
  test('has the input wherever the template says so, as what it is', () => {
    const protocol = of({ request: { instances: ['{input}'], options: { echo: '{input}', n: 1 } } });
    expect(protocol.request({ x: 1 })).toEqual({ instances: [{ x: 1 }], options: { echo: { x: 1 }, n: 1 } });
    expect(protocol.request('{input}')).toEqual({
      instances: ['{input}'],
      options: { echo: '{input}', n: 1 },
    });
  });

  test('is the input without a template', () => {
    expect(of({ answer: 'p' }).request([1, 2])).toEqual([1, 2]);
  });

  test('that would be the same for every input is refused', () => {
    expect(() => of({ request: { instances: ['x={input}'] } })).toThrow(
      expect.objectContaining({
        reasonCode: 'bad-config',
        message: expect.stringContaining("verify.protocol.template.request has no '{input}'") as unknown,
      }),
    );
  });
});

describe('a prediction', () => {
  test.each([
    ['predictions[0]', { predictions: [0.7, 1] }, 0.7],
    ['$.predictions[0].score', { predictions: [{ score: null }] }, null],
    ['["a key"].b-c', { 'a key': { 'b-c': [1] } }, [1]],
    ['[1]', [1, 2], 2],
    ['$', { p: 1 }, { p: 1 }],
  ])('lies at %s', (answer, body, value) => {
    expect(of({ answer }).prediction(body)).toEqual({ kind: 'found', value });
  });

  test.each([
    ['predictions[0]', { predictions: [] }, 'nothing at $["predictions"][0]'],
    ['predictions[0]', { predictions: { 0: 1 } }, 'nothing at $["predictions"][0]'],
    ['predictions', { error: 'x' }, 'nothing at $["predictions"]'],
    ['length', [1], 'nothing at $["length"]'],
    ['constructor', {}, 'nothing at $["constructor"]'],
  ])('is missed at %s', (answer, body, message) => {
    expect(of({ answer }).prediction(body)).toEqual({ kind: 'missing', message });
  });

  test.each(['predictions[', 'a..b', 'a[-1]', 'a b'])('is not looked for at %s', (answer) => {
    expect(() => of({ answer })).toThrow(`verify.protocol.template.answer is '${answer}'`);
  });
});
