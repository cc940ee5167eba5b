import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import * as schemas from '../calls/http/call-schemas.js';

const DESCRIPTION = `Call control on real phones: place, look at, hold, reconnect and release the calls of a user.

Get a token with \`npm run -s token -- --tenant foo --group foogroup --user foouser\`, press **Authorize**, paste it.

Every refusal is \`application/problem+json\` (RFC 9457); those with code 59 carry the texts of the reference as \`detail\`,
each with its own \`type\`. Paths end with or without a slash.`;

function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Call service')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addTag('Call Service', 'The calls of a user.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  const document = SwaggerModule.createDocument(app, config);
  Object.assign(((document.components ??= {}).schemas ??= {}), {
    Call: schemas.CALL_SCHEMA,
    CallList: schemas.CALL_LIST_SCHEMA,
    StartedCall: schemas.STARTED_CALL_SCHEMA,
    Empty: schemas.EMPTY_SCHEMA,
    Problem: schemas.PROBLEM_SCHEMA,
  });
  // The reference writes its paths with the slash at the end; both forms are served.
  document.paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [`${path}/`, item]),
  );
  // A browser cannot send a body with GET; the operation's description tells of it.
  for (const { get } of Object.values(document.paths)) delete get?.requestBody;
  delete document.components.schemas?.ListBody;
  return document;
}

/** Swagger UI at `/docs`, the document at `/docs/openapi.json`; nothing is loaded from elsewhere. */
export function serveDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Call service',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, validatorUrl: null },
  });
}
