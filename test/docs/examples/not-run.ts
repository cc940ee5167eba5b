/** Blocks that the test does not run: each with its page, what stands behind its fence, and its first line. */
export const NOT_RUN = [
  // Servers that go on, installations, and other tools than the service.
  'README.md: sh not-run: npm start      # installs and builds if needed, serves on http://127.0.0.1:3000',
  'docs/integrators.md: sh not-run: npm start',
  'docs/operators.md: sh not-run: npm ci && npm run build && npm prune --omit=dev --omit=optional',
  'docs/operators.md: ini not-run: [Service]',
  'docs/operators.md: sh not-run: docker compose run --rm first-call',
  // pg_dump must be of the version of the server at least, which Debian's need not be.
  'docs/operators.md: sh not-run: pg_dump --format=custom --file=calls.dump "$DATABASE_URL"',
  'docs/contributors.md: sh not-run: NODE_OPTIONS=--experimental-vm-modules npx jest test/calls/call-commands.spec.ts',
  // Read by the service's own readers, see examples.spec.ts and broadworks-example.spec.ts.
  'docs/operators.md: yaml directory: tenants:',
  'docs/operators.md: yaml directory: tenants:',
  'docs/operators.md: yaml clusters: clusters:',
  // Run by broadworks-example.spec.ts.
  'docs/operators.md: sh not-run: npm run -s broadworks-stand-in -- --port 8100',
  // Given to a real baresip, see test/interop/instead-of-virtual.spec.ts.
  'README.md: text baresip-account: <sip:LP_foouser@sip.example.test;transport=udp>;auth_pass=LP_foouser-secret;outbound="sip:127.0.0.1:5060;transport=udp";regint=60',
];
