import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as vm from 'node:vm';

/** As much of a page as mermaid's sanitiser looks at; it leaves text without `<` alone. */
function page(): object {
  class Nothing {}
  const document = {
    nodeType: 9,
    implementation: { createHTMLDocument: () => undefined },
    createElement: () => ({}),
  };
  const classes = { Element: Nothing, Node: Nothing, NamedNodeMap: Nothing, DOMParser: Nothing };
  const window = { document, ...classes, NodeFilter: {}, addEventListener: () => undefined };
  return { window, document, console, setTimeout, clearTimeout, structuredClone, URL };
}

interface Mermaid {
  parse(text: string): Promise<{ readonly diagramType: string }>;
}

let loaded: Promise<Mermaid> | undefined;

async function load(): Promise<Mermaid> {
  const file = createRequire(import.meta.url).resolve('@mermaid-js/tiny/dist/mermaid.tiny.js');
  const context = vm.createContext(page());
  vm.runInContext(await readFile(file, 'utf8'), context);
  return (context as { mermaid: Mermaid }).mermaid;
}

/** Parses a diagram with mermaid itself, and returns what kind it is; rejects with its complaint. */
export async function parseDiagram(text: string): Promise<string> {
  loaded ??= load();
  const { diagramType } = await (await loaded).parse(text);
  return diagramType;
}

/** The diagrams of a report, without their fences. */
export function diagramsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```mermaid\n([\s\S]*?)\n```$/gm)].map(([, text]) => text as string);
}
