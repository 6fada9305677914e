import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenApiDocument } from './openApiDocument';
import { writePythonClient } from './pythonClient';
import { findPythonGenerator } from './pythonGenerator';
import { writeTypeScriptClient } from './typescriptClient';

interface SdkRequest {
  document: OpenApiDocument;
  /** Of both packages. */
  version: string;
  /** The packages are its folders `typescript` and `python`; what was there before is replaced. */
  outputFolder: string;
  /** Where the Python generator is kept once it is downloaded. */
  cacheFolder: string;
  environment: NodeJS.ProcessEnv;
  report: (sentence: string) => void;
}

interface SdkOutcome {
  typescript: string;
  /** Null when it was left out. */
  python: string | null;
  /** Why Python was left out. */
  left_out?: string;
}

/** Writes a TypeScript and a Python client of the API as packages; Python only where its generator can be had. */
export async function generateSdk(request: SdkRequest): Promise<SdkOutcome> {
  const { document, version, outputFolder, cacheFolder, environment, report } = request;
  const typescript = join(outputFolder, 'typescript');
  await replaceFolder(typescript, (folder) => writeTypeScriptClient({ document, version, folder }));

  const python = join(outputFolder, 'python');
  const generator = await findPythonGenerator({ cacheFolder, environment, report });
  if ('missing' in generator) {
    // One of an earlier run would be taken for that of this document.
    await rm(python, { recursive: true, force: true });
    return { typescript, python: null, left_out: generator.missing };
  }
  await replaceFolder(python, (folder) => writePythonClient({ document, version, folder, generator }));
  return { typescript, python };
}

/** Fills a folder beside the target and moves it there when it is whole: half a package is never found. */
async function replaceFolder(target: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const partial = `${target}.partial`;
  await rm(partial, { recursive: true, force: true });
  try {
    await fill(partial);
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
