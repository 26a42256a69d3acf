import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { markdownRenderer } from '../story/markdown.ts';

const { resolve } = createRequire(import.meta.url);

export type Theme = 'light' | 'dark';

const BACKGROUND = { light: '#ffffff', dark: '#0d1117' } as const;
const BORDER = { light: '#d1d9e0', dark: '#3d444d' } as const;
const HEADER = { light: '#f6f8fa', dark: '#151b23' } as const;
const TEXT = { light: '#59636e', dark: '#9198a1' } as const;

/** The charts are drawn by the script; GitHub does so in a frame of its own. */
const render = markdownRenderer((mermaid) => `<div class="chart">${escapeHtml(mermaid)}</div>`);

/** How a report is looked at. */
export interface View {
  readonly theme: Theme;
  /** Pixels. */
  readonly width: number;
  /** What GitHub writes above it, as HTML. */
  readonly header: string;
  /** Beginnings of the summaries of the parts that are unfolded. */
  readonly open: readonly string[];
}

/**
 * A page that shows a report as GitHub shows a comment or the summary of a job. Its title becomes the height of its
 * content when everything is drawn, and the number of tables that are wider than the page.
 */
export async function reportPage(markdown: string, { theme, width, header, open }: View): Promise<string> {
  const css = await readFile(resolve(`github-markdown-css/github-markdown-${theme}.css`), 'utf8');
  const mermaid = await readFile(resolve('@mermaid-js/tiny/dist/mermaid.tiny.js'), 'utf8');
  const html = render(markdown.replace(/^<!--.*-->\n/, ''));
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>drawing</title>
<style>${css}
body { margin: 0; padding: 12px; width: ${width}px; background: ${BACKGROUND[theme]}; box-sizing: border-box; }
.comment { border: 1px solid ${BORDER[theme]}; border-radius: 6px; overflow: hidden; }
.comment header { font: 14px -apple-system, "Segoe UI", "Liberation Sans", sans-serif; color: ${TEXT[theme]};
  background: ${HEADER[theme]}; border-bottom: 1px solid ${BORDER[theme]}; padding: 8px 16px; }
.markdown-body { padding: 16px; font-size: 14px; }
</style>
<div class="comment"><header>${header}</header><article class="markdown-body">${html}</article></div>
<script>${mermaid.replaceAll('</script', '<\\/script')}</script>
<script type="module">${DRAW}; await draw(${JSON.stringify(theme)}, ${JSON.stringify(open)});</script></html>`;
}

const DRAW = `
async function draw(theme, open) {
  for (const summary of document.querySelectorAll('summary')) {
    summary.parentElement.open = open.some((start) => summary.textContent.startsWith(start));
  }
  mermaid.initialize({ startOnLoad: false, theme: theme === 'dark' ? 'dark' : 'default' });
  for (const [i, chart] of [...document.querySelectorAll('.chart')].entries()) {
    if (!chart.checkVisibility()) continue;
    chart.innerHTML = (await mermaid.render('chart' + i, chart.textContent, chart)).svg;
  }
  const wide = [...document.querySelectorAll('table')].filter((table) => table.scrollWidth > table.clientWidth + 1);
  const height = Math.ceil(document.querySelector('.comment').getBoundingClientRect().height + 24);
  document.title = 'height ' + height + ' wide ' + wide.length;
}`;

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
