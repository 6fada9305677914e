import type { Command } from 'commander';
import { hashOperatorToken, makeOperatorToken } from '../../api/operatorToken';
import { printJson, printPairs } from './output';

export function registerOperatorCommands(program: Command): void {
  const operator = program.command('operator').description("the operators' API; see docs/operating.md");
  operator
    .command('token')
    .description('make a token and the hash that OPERATORS_TOKEN_HASH takes; nothing is stored')
    .option('--json', 'print { "token", "hash" }')
    .action(({ json }: { json?: true }) => {
      const token = makeOperatorToken();
      const made = { token, hash: hashOperatorToken(token).toString('hex') };
      if (json) printJson(made);
      else printPairs(made);
    });
}
