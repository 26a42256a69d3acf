import MarkdownIt from 'markdown-it';

/** HTML that may stand in a job summary, without attributes except `open`; GitHub allows more, the actions use no more. */
const ALLOWED = /^<(\/?(?:details|summary|br|sub|sup|kbd|code|strong|em|b|i|p)|details open)\s*\/?>$/i;

const markdown = new MarkdownIt({ html: true, linkify: false });
const { escapeHtml } = markdown.utils;
const { rules } = markdown.renderer;

rules['html_block'] = rules['html_inline'] = (tokens, index) => sanitise(tokens[index]?.content ?? '');
// The page loads nothing, so an image shows as its text.
rules['image'] = (tokens, index) => `<em>${escapeHtml(tokens[index]?.content ?? '')}</em>`;
rules['fence'] = (tokens, index) => {
  const { info, content } = tokens[index] ?? { info: '', content: '' };
  const code = `<pre><code>${escapeHtml(content)}</code></pre>`;
  if (info.trim() !== 'mermaid') return code;
  return `<details><summary>Chart (GitHub draws it from this text)</summary>${code}</details>\n`;
};

/** Renders a job summary as GitHub does; whatever HTML is not allowed shows as text. */
export function renderSummary(text: string): string {
  return markdown.render(text);
}

function sanitise(html: string): string {
  return html
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .split(/(<[^<>]*>)/)
    .map((part) => (ALLOWED.test(part) ? part : escapeHtml(part).replaceAll('&amp;', '&')))
    .join('');
}
