export { ingestSource } from './ingestSource';
export { processBatch } from './processBatch';
