/** A message's text as one line, without its marks: for quotes, lists and screen readers. */
export function plain(content: string): string {
  return content
    .replace(/```[^\n]*\n?/g, ' ')
    .replace(/[*_~`>#]+/g, '')
    .replace(/\[([^\]]{0,500})\]\([^)]{0,500}\)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}
