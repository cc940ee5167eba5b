/** The text without its layout, which is the formatter's. */
export function words(text: string): string {
  return text
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/-{3,}/g, '---')
    .replaceAll(/ ?\| ?/g, '|')
    .trim();
}
