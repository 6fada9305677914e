import { temporal } from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { SOURCE_ID } from '../workflows/searchAttributes';

/**
 * Makes our search attributes known to the cluster. Some clusters (Temporal Cloud) let no worker do that: there an operator
 * adds them once, and the log says which.
 */
export async function registerSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  logger: Logger,
): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  if (SOURCE_ID.name in customAttributes) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: {
        [SOURCE_ID.name]: temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
      },
    });
  } catch (error) {
    logger.warn(
      { error, attribute: SOURCE_ID.name },
      'search attribute could not be registered: add it by hand',
    );
  }
}
