export const BROADSOFT = 'http://schema.broadsoft.com/xsi';
export const SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

export type XmlValue = string | number | undefined;

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escaped(text: string): string {
  return /[&<>"]/.test(text) ? text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '') : text;
}

/** An element with text; nothing where there is no value. @param prefix with its colon, or empty */
export function leaf(prefix: string, name: string, value: XmlValue): string {
  return value === undefined ? '' : `<${prefix}${name}>${escaped(String(value))}</${prefix}${name}>`;
}

export type Charset = 'UTF-8' | 'ISO-8859-1';

export function documentOf(root: string, charset: Charset = 'UTF-8'): string {
  return `<?xml version="1.0" encoding="${charset}"?>\n${root}`;
}

/** A document whose own namespace is BroadSoft's, without a prefix. */
export function plainDocument(name: string, content: string, charset?: Charset): string {
  return documentOf(
    `<${name} xmlns="${BROADSOFT}" xmlns:xsi="${SCHEMA_INSTANCE}">${content}</${name}>`,
    charset,
  );
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Text of the first element of that name, whatever its prefix; enough for the small bodies that clients send. */
export function textIn(body: string, name: string): string | undefined {
  const found = new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^<>]*)?>([^<]*)</`).exec(body)?.[1];
  return found?.trim().replace(/&(\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole);
}
