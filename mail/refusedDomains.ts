import { disposableEmailBlocklistSet } from 'disposable-email-domains-js';

export interface RefusedDomains {
  /** Refuses addresses of services that give them out for a few minutes. */
  disposable: boolean;
  /** Further domains to refuse. */
  others: readonly string[];
}

/** Tells whether the domain of an address, or one above it, is refused. */
export function createDomainCheck({ disposable, others }: RefusedDomains): (email: string) => boolean {
  const refused = new Set(others.map((name) => name.toLowerCase()));
  if (disposable) for (const name of disposableEmailBlocklistSet()) refused.add(name);
  return (email) => {
    const labels = email
      .slice(email.lastIndexOf('@') + 1)
      .toLowerCase()
      .split('.');
    return labels.some((_label, place) => refused.has(labels.slice(place).join('.')));
  };
}
