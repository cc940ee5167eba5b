/** Import rules of the house (docs/architecture.md). `npm run check:imports` fails on a violation. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-circular', 'A cycle means two rooms that are one.', {}, { circular: true }),
    rule(
      'domain-is-plain',
      'Domain code is plain TypeScript: no framework, no other layer. The numbering plans of the world are data.',
      { path: '/domain/' },
      { pathNot: ['/domain/', '^node:', 'node_modules/libphonenumber-js/'] },
    ),
    rule(
      'application-inwards',
      'Application imports domain, other application ports, numbering and directory, and of the framework only @nestjs/common.',
      { path: '/application/' },
      {
        pathNot: ['/domain/', '/application/', '^src/(directory|numbering)/', 'node_modules/@nestjs/common/'],
        dependencyTypesNot: ['core'],
      },
    ),
    rule(
      'http-inwards',
      'Controllers know their application, the domain and auth, never an engine or a store.',
      { path: '/http/' },
      { path: '^src/(engines|persistence|sip|sandbox|media)/' },
    ),
    rule(
      'sip-stands-alone',
      'src/sip is the protocol and could be a package of its own.',
      { path: '^src/sip/' },
      { path: '^src/(?!sip/)' },
    ),
    rule(
      'sandbox-phones-on-sip-alone',
      'The sandbox plays phones: it knows SIP, the directory and the configuration, and nothing of calls or engines.',
      { path: '^src/sandbox/' },
      { path: '^src/(calls|imrn|engines|persistence|http|auth)/' },
    ),
    rule(
      'engines-know-ports-only',
      'Engines implement ports of calls; they know no HTTP and no store.',
      { path: '^src/engines/' },
      { path: '^src/(persistence|http|auth|sandbox|calls/http)/' },
    ),
    rule(
      'engines-anchor-through-the-port',
      'Engines ask for the lease of a number that is called, and lease numbers or leave it to the pool.',
      { path: '^src/engines/' },
      {
        path: '^src/imrn/',
        pathNot: '^src/imrn/(application/(anchor-calls|(pool-)?imrn-allocation)\\.ts$|domain/)',
      },
    ),
    rule(
      'imrn-beside-engines',
      'Leases of numbers stand above calls; they know no engine, no store and nothing of their protocols.',
      { path: '^src/imrn/' },
      { path: '^src/(engines|persistence|sip|media|sandbox)/' },
    ),
    rule(
      'calls-below-imrn',
      'Calls know nothing of leases.',
      { path: '^src/calls/' },
      { path: '^src/imrn/' },
    ),
    rule(
      'persistence-knows-ports-only',
      'Stores implement ports; they know no HTTP and no engine.',
      { path: '^src/persistence/' },
      {
        path: '^src/(engines|http|auth|sip|sandbox|calls/http|imrn/http)/',
        pathNot: '^src/engines/.*-(store|leases)\\.ts$',
      },
    ),
    rule(
      'only-composition-names-adapters',
      'Adapters are named in modules and service.ts alone.',
      {
        path: '^src/',
        pathNot: ['^src/(engines|persistence|sandbox)/', '\\.module\\.ts$', '^src/service\\.ts$'],
      },
      { path: '^src/(engines|persistence|sandbox)/' },
    ),
    rule(
      'observed-from-outside',
      'Whoever is watched knows nothing of it: ports are wrapped and counts read where the service is composed.',
      { path: '^src/', pathNot: ['^src/observability/', '^src/(main|service|app|app\\.module)\\.ts$'] },
      { path: '^src/observability/' },
    ),
    rule(
      'watchers-know-ports-only',
      'What watches knows the ports of calls and media, and the counts of src/sip; no engine and no store.',
      { path: '^src/observability/' },
      { path: '^src/(engines|persistence|sandbox)/' },
    ),
    rule(
      'stand-in-stands-alone',
      'What plays the switch shares no code with the service that is tried against it, and needs nothing but Node.',
      { path: '^broadworks-stand-in/' },
      { pathNot: '^broadworks-stand-in/', dependencyTypesNot: ['core'] },
    ),
    rule(
      'service-without-stand-in',
      'The service knows its switch from the wire alone.',
      { path: '^src/' },
      { path: '^broadworks-stand-in/' },
    ),
    rule(
      'xsi-stands-alone',
      'The language of the switch, and the client that speaks it, know nothing of calls as we have them.',
      { path: '^src/engines/broadworks/xsi/' },
      { path: '^src/(?!engines/broadworks/xsi/)' },
    ),
    rule(
      'events-on-xsi-alone',
      'The event channel says what the switch tells; what becomes of it is for who listens.',
      { path: '^src/engines/broadworks/events/' },
      { path: '^src/(?!engines/broadworks/(events|xsi)/)' },
    ),
    rule('no-barrels', 'index.ts hides where things are.', {}, { path: '^src/.*/index\\.ts$' }),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
