import { createDomainCheck } from '../../mail/refusedDomains';

describe('the check of domains', () => {
  it('refuses services that give addresses out for some minutes, their subdomains too, whatever the case', () => {
    const isRefused = createDomainCheck({ disposable: true, others: [] });
    for (const domain of ['mailinator.com', 'MAILINATOR.com', 'x.mailinator.com', 'guerrillamail.com'])
      expect([domain, isRefused(`ada@${domain}`)]).toEqual([domain, true]);
    for (const domain of ['example.org', 'gmail.com', 'outlook.com', 'proton.me', 'notmailinator.example'])
      expect([domain, isRefused(`ada@${domain}`)]).toEqual([domain, false]);
  });

  it('refuses what an operator names, and lets the others in where that is chosen', () => {
    const isRefused = createDomainCheck({ disposable: false, others: ['Rival.example', ''] });
    expect(isRefused('ada@rival.example')).toBe(true);
    expect(isRefused('ada@mailinator.com')).toBe(false);
  });
});
