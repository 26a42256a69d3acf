import MarkdownIt from 'markdown-it';

/** HTML that may stand in a job summary, without attributes except `open`; GitHub allows more, the actions use no more. */
const ALLOWED = /^<(\/?(?:details|summary|br|sub|sup|kbd|code|strong|em|b|i|p)|details open)\s*\/?>$/i;

const { escapeHtml } = new MarkdownIt().utils;

/** Renders markdown as GitHub does; whatever HTML is not allowed shows as text. `chart` turns mermaid's text into HTML. */
export function markdownRenderer(chart: (mermaid: string) => string): (text: string) => string {
  const markdown = new MarkdownIt({ html: true, linkify: false });
  const { rules } = markdown.renderer;
  rules['html_block'] = rules['html_inline'] = (tokens, index) => sanitise(tokens[index]?.content ?? '');
  // The page loads nothing, so an image shows as its text.
  rules['image'] = (tokens, index) => `<em>${escapeHtml(tokens[index]?.content ?? '')}</em>`;
  rules['fence'] = (tokens, index) => {
    const { info, content } = tokens[index] ?? { info: '', content: '' };
    return info.trim() === 'mermaid' ? chart(content) : codeBlock(content);
  };
  return (text) => markdown.render(text);
}

/** Renders a job summary for a page without scripts, where charts show as their text. */
export const renderSummary = markdownRenderer(
  (mermaid) =>
    `<details><summary>Chart (GitHub draws it from this text)</summary>${codeBlock(mermaid)}</details>\n`,
);

function codeBlock(text: string): string {
  return `<pre><code>${escapeHtml(text)}</code></pre>`;
}

function sanitise(html: string): string {
  return html
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .split(/(<[^<>]*>)/)
    .map((part) => (ALLOWED.test(part) ? part : escapeHtml(part).replaceAll('&amp;', '&')))
    .join('');
}
