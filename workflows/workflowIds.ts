/** Of `rebuildIndex`, always this one: two rebuilds at once would take each other's index away. */
export const REBUILD_WORKFLOW_ID = 'rebuild-index';
