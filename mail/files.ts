import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { AppError } from '../domain/errors';
import { toMailOptions } from './composition';
import type { Mailer } from './mailer';

export interface FileMailerOptions {
  /** Made when it is not there. */
  folder: string;
  /** `Name <address>`. */
  from: string;
}

/**
 * Keeps messages as `<id>.eml` in a folder, for its owner alone, where there is no mail server. A message is there whole or not at all; one
 * that is sent again takes the place of the one before.
 */
export function createFileMailer({ folder, from }: FileMailerOptions): Mailer {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return {
    send: async (message) => {
      const { message: content } = await composer.sendMail(toMailOptions(message, from));
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeWhole(join(folder, `${message.id}.eml`), content as Buffer);
      } catch (error) {
        const { code = 'unknown error' } = error as NodeJS.ErrnoException;
        throw new AppError('unavailable', `The folder for mail cannot be written to (${code}).`);
      }
      return { taken: true };
    },
    forget: async (address) => {
      const paths = (await namesIn(folder)).map((name) => join(folder, name));
      let removed = 0;
      for (const path of paths) {
        if (!(await isTo(path, address))) continue;
        await rm(path, { force: true });
        removed += 1;
      }
      return removed;
    },
  };
}

/** None where nothing was ever sent. Drafts of a process that was killed are among them. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => /\.eml(\.draft)?$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function isTo(path: string, address: string): Promise<boolean> {
  const [head = ''] = (await readFile(path, 'utf8')).split('\r\n\r\n');
  const [, to = ''] = /^To: (.*)$/im.exec(head) ?? [];
  return to.trim().toLowerCase() === address.toLowerCase();
}

async function writeWhole(path: string, content: Buffer): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
