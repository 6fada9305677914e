/** The import rule of docs/architecture.md: bin -> api | workflows | activities -> db | search | sources | mail | webhooks -> domain. */
const layer = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: to },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    layer(
      'domain-imports-nothing-of-the-project',
      '^domain/',
      '^(db|search|sources|mail|webhooks|activities|workflows|api|bin|test|bench)/',
    ),
    {
      name: 'domain-imports-no-node-module',
      severity: 'error',
      from: { path: '^domain/' },
      to: { dependencyTypes: ['core'] },
    },
    layer(
      'db-stands-on-domain-alone',
      '^db/',
      '^(search|sources|mail|webhooks|activities|workflows|api|bin|test|bench)/',
    ),
    layer(
      'search-stands-on-db-and-domain',
      '^search/',
      '^(sources|mail|webhooks|activities|workflows|api|bin|test|bench)/',
    ),
    layer(
      'sources-stand-on-domain-alone',
      '^sources/',
      '^(db|search|mail|webhooks|activities|workflows|api|bin|test|bench)/',
    ),
    layer(
      'mail-stands-on-domain-alone',
      '^mail/',
      '^(db|search|sources|webhooks|activities|workflows|api|bin|test|bench)/',
    ),
    layer(
      'webhooks-stand-on-domain-alone',
      '^webhooks/',
      '^(db|search|sources|mail|activities|workflows|api|bin|test|bench)/',
    ),
    layer('activities-know-no-process', '^activities/', '^(workflows|api|bin|test|bench)/'),
    layer(
      'the-api-knows-no-process',
      '^api/',
      '^(sources|mail|webhooks|activities|workflows|bin|test|bench)/',
    ),
    layer(
      'workflows-import-domain-and-activity-types',
      '^workflows/',
      '^(db|search|sources|mail|webhooks|api|bin|test|bench)/',
    ),
    {
      name: 'workflows-import-activities-as-types-only',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-import-no-node-module',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { dependencyTypes: ['core'] },
    },
    layer(
      'product-code-does-not-import-tests',
      '^(domain|db|search|sources|mail|webhooks|activities|workflows|api|bin)/',
      '^(test|bench)/',
    ),
    layer(
      'only-a-process-makes-clients',
      '^(domain|db|search|sources|mail|webhooks|activities|workflows|api)/',
      '^sdk/',
    ),
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // What stands on generated code, in the place where that will be.
    exclude: { path: '^(sdk/typescript|test/sdk/consumer)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
