import { connect, migrate } from '../db/connection';
import { loadConfig, required } from './config';
import { runProcess } from './process';

/** Brings the database to the newest schema and ends: run it before new processes of a deployment start. */
runProcess('migrate', async () => {
  const config = loadConfig(process.env);
  const db = connect({
    databaseUrl: required(config.databaseUrl, 'DATABASE_URL'),
    poolSize: 2,
    applicationName: 'migrate',
  });
  try {
    await migrate(db);
  } finally {
    await db.destroy();
  }
});
