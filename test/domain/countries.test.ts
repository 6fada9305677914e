import { getCountryDataList } from 'countries-list';
import { findCountry, findRegion, suggestCountry } from '../../domain/countries';

describe('countries', () => {
  it.each([
    ['US', ['us', 'USA', 'U.S.', 'United States', 'united states of america', 'The United States']],
    ['GB', ['UK', 'GBR', 'United Kingdom', 'Great Britain', 'England']],
    ['KR', ['Korea, Republic of', 'South Korea', 'KOR']],
    ['RU', ['Russian Federation', 'Russia']],
    ['VN', ['Viet Nam', 'Vietnam']],
    ['CI', ["Cote d'Ivoire", 'Côte d’Ivoire', 'Ivory Coast']],
    ['MK', ['Macedonia', 'MKD', 'North Macedonia']],
    ['PS', ['Palestinian Territories', 'State of Palestine']],
    ['HK', ['Hong Kong', 'HKG']],
    ['CD', ['Congo, the Democratic Republic of the', 'DR Congo']],
    ['EE', ['EST', 'Estonia']],
    ['TT', ['Trinidad & Tobago', 'Trinidad and Tobago']],
    ['LC', ['St. Lucia', 'Saint Lucia']],
    ['TR', ['Turkey', 'Türkiye']],
    ['SZ', ['Swaziland', 'Eswatini']],
    ['NE', ['Niger']],
    ['NG', ['Nigeria']],
    ['GN', ['Guinea']],
  ])('finds %s by every usual name', (code, names) => {
    expect(names.map(findCountry)).toEqual(names.map(() => code));
  });

  it('finds every country by its code and its English name', () => {
    const wrong = getCountryDataList().filter(({ iso2, iso3, name }) =>
      [iso2, iso3, name].some((text) => findCountry(text) !== iso2),
    );
    expect(wrong).toEqual([]);
  });

  it.each(['', 'nan', 'N/A', 'n.a.', 'Atlantis', 'Worldwide', 'x'.repeat(1_000)])(
    'finds none in %j',
    (text) => {
      expect(findCountry(text)).toBeNull();
    },
  );

  it('suggests the country whose name is nearly meant', () => {
    expect(suggestCountry('Germny')).toBe('Germany');
    expect(suggestCountry('Untied States')).toBe('United States');
    expect(suggestCountry('xx')).toBeNull();
    expect(suggestCountry('Wonderland')).toBeNull();
  });
});

describe('regions', () => {
  it.each([
    ['Oceania', 'NZ'],
    ['south-eastern asia', 'VN'],
    ['Southeastern Asia', 'PH'],
    ['Latin America', 'BR'],
    ['Middle East', 'AE'],
    ['North America', 'MX'],
    ['Northern Europe', 'GB'],
    ['Western Africa', 'NG'],
    ['Caribbean', 'JM'],
    ['Australia and New Zealand', 'AU'],
    ['UK&I', 'IE'],
  ])('%s holds %s', (region, code) => {
    expect(findRegion(region)).toContain(code);
  });

  it('divides the world: every country lies in exactly one continent', () => {
    const continents = ['Africa', 'Americas', 'Asia', 'Europe', 'Oceania', 'Antarctica'];
    const codes = continents.flatMap((name) => findRegion(name) ?? []);
    expect([...codes].sort()).toEqual(
      getCountryDataList()
        .map(({ iso2 }) => iso2)
        .sort(),
    );
  });

  it('knows no region by the name of a country', () => {
    expect(findRegion('Germany')).toBeNull();
  });
});
