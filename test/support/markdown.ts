export interface CodeBlock {
  /** The first word behind the fence, such as `sh`. */
  language: string;
  /** The other words behind the fence. */
  words: string[];
  text: string;
  /** Of the opening fence, from 1. */
  line: number;
}

const FENCE = /^```(?!`)(.*)$/;

/** The fenced blocks of a page, in their order. @throws Error for a fence that is not closed */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = FENCE.exec(line);
    if (!fence) open?.lines.push(line);
    else if (!open) open = { info: fence[1] ?? '', line: index + 1, lines: [] };
    else {
      const [language = '', ...words] = open.info.trim().split(/\s+/);
      blocks.push({ language, words, text: open.lines.join('\n'), line: open.line });
      open = undefined;
    }
  }
  if (open) throw new Error(`the fence of line ${open.line} is not closed`);
  return blocks;
}

/** The page without what stands in fences, whose lines stay as empty ones. */
function prose(markdown: string): string[] {
  let inFence = false;
  return markdown.split('\n').map((line) => {
    const isFence = FENCE.test(line);
    if (isFence) inFence = !inFence;
    return isFence || inFence ? '' : line;
  });
}

/** The names by which a link may point at the headings of a page, as the usual readers of Markdown make them. */
export function anchors(markdown: string): string[] {
  const seen = new Map<string, number>();
  return prose(markdown).flatMap((line) => {
    const [, heading] = /^#{1,6} +(.*?) *#*$/.exec(line) ?? [];
    if (heading === undefined) return [];
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return [before === 0 ? slug : `${slug}-${before}`];
  });
}

export interface Link {
  target: string;
  /** From 1. */
  line: number;
}

/** Where the links and images of a page point. */
export function links(markdown: string): Link[] {
  return prose(markdown).flatMap((line, index) => {
    const withoutCode = line.replaceAll(/`[^`]*`/g, '');
    return [...withoutCode.matchAll(/\]\(\s*<?([^\s)>]+)>?[^)]*\)/g)].map(([, target = '']) => ({
      target,
      line: index + 1,
    }));
  });
}
