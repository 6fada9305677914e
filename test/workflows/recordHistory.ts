import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/**
 * Keeps the history of a workflow of a running stack for the replay test:
 * `npx tsx test/workflows/recordHistory.ts <host:port> <workflow id> <name>`
 */
async function main([address, workflowId, name]: string[]): Promise<void> {
  if (!address || !workflowId || !name) throw new Error('Give host:port, workflow id and name.');
  const connection = await Connection.connect({ address });
  const history = await new Client({ connection }).workflow.getHandle(workflowId).fetchHistory();
  const bytes = Buffer.from(temporal.api.history.v1.History.encode(history).finish()).toString('latin1');
  // The machine on which it ran is nobody's business; a name of the same length keeps the encoding whole.
  const anonymous = bytes.replaceAll(hostname(), 'x'.repeat(hostname().length));
  writeFileSync(join(__dirname, 'histories', `${name}.bin`), anonymous, 'latin1');
  await connection.close();
}

void main(process.argv.slice(2));
