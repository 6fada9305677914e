export { forgetAnswers } from './forgetAnswers';
export { ingestSource } from './ingestSource';
export { processBatch } from './processBatch';
export { rebuildIndex } from './rebuildIndex';
export { refreshVocabulary } from './refreshVocabulary';
export { repairIndex } from './repairIndex';
export { startPendingBatches } from './startPendingBatches';
