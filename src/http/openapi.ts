import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { serveDocsPage } from './docs-page.js';
import { introduction, offerNumbers, type TryOut } from './try-out.js';

/** The calls of users; what watches the service is for its operator, and not in the document. */
const API = '/api/';

/**
 * The page of the API at `/docs/`, its OpenAPI 3.1 document at `/docs/openapi.json`.
 * @param schemas JSON schemas of the answers, by the name under which the document refers to them
 */
export function serveDocs(
  app: NestFastifyApplication,
  schemas: Record<string, object>,
  tryOut: TryOut = {},
): void {
  serveDocsPage(app, () => openApiDocument(app, schemas, tryOut));
}

function openApiDocument(
  app: NestFastifyApplication,
  schemas: Record<string, object>,
  tryOut: TryOut,
): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.1')
    .setTitle('Call service')
    .setDescription(introduction(tryOut))
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'Where this document comes from.')
    .addTag('Call Service', 'The calls of a user.')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: bearerDescription(tryOut),
    })
    .build();
  const document = SwaggerModule.createDocument(app, config);
  const known = ((document.components ??= {}).schemas ??= {});
  delete known.ListBody;
  // Those of the request bodies, in which an unknown field is refused.
  for (const body of Object.values(known)) Object.assign(body, { additionalProperties: false });
  Object.assign(known, schemas);
  // The reference writes its paths with the slash at the end; both forms are served.
  document.paths = Object.fromEntries(
    Object.entries(document.paths)
      .filter(([path]) => path.startsWith(API))
      .map(([path, item]) => [`${path}/`, item]),
  );
  // A browser cannot send a body with GET; the operation's description tells of it.
  for (const { get } of Object.values(document.paths)) delete get?.requestBody;
  offerNumbers(document, tryOut.numbers);
  return document;
}

function bearerDescription({ tokenCommand }: TryOut): string {
  const token = 'A JSON Web Token, without the word `Bearer` before it.';
  return tokenCommand === undefined ? token : `${token} This prints one:\n\n\`\`\`\n${tokenCommand}\n\`\`\``;
}
