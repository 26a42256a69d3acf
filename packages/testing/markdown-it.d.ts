/** The part of markdown-it (which ships no types) that tests and scripts use. */
declare module 'markdown-it' {
  interface Token {
    readonly content: string;
    readonly info: string;
    attrGet(name: string): string | null;
  }
  type RenderRule = (tokens: Token[], index: number) => string;
  export default class MarkdownIt {
    constructor(options?: { html?: boolean; linkify?: boolean });
    readonly utils: { readonly escapeHtml: (text: string) => string };
    readonly renderer: { readonly rules: Record<string, RenderRule | undefined> };
    render(markdown: string): string;
  }
}
