import { isMasked, maskText, maskUrl } from '../../../domain/webhooks/masking';

describe('masking', () => {
  it.each([
    ['https://hooks.example.com/services/T000/B000/secret7x9Q', 'https://hooks.example.com/…7x9Q'],
    ['https://hooks.example.com:8443/?token=0123456789', 'https://hooks.example.com:8443/…6789'],
    ['https://hooks.example.com/hook', 'https://hooks.example.com/…'],
    ['https://hooks.example.com/', 'https://hooks.example.com/'],
    ['https://hooks.example.com', 'https://hooks.example.com/'],
    ['http://127.0.0.1:3000/twelve-chars', 'http://127.0.0.1:3000/…hars'],
  ])('shows of an address the host and no more than four characters: %s', (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
  });

  it('shows nothing of a text that is short', () => {
    expect(['', 'x', 'elevenchars'].map(maskText)).toEqual(['…', '…', '…']);
    expect(maskText('twelve-chars')).toBe('…hars');
  });

  it('is known again', () => {
    expect(isMasked(maskText('a secret of some length'))).toBe(true);
    expect(isMasked('a secret of some length...')).toBe(false);
  });
});
