/** Names that neither the country list nor ICU knows, by alpha-2 code. Case, accents and punctuation do not matter. */
export const COUNTRY_ALIASES: Readonly<Record<string, readonly string[]>> = {
  AE: ['UAE', 'Emirates'],
  AX: ['Aland Islands'],
  BA: ['Bosnia'],
  BN: ['Brunei Darussalam'],
  BO: ['Bolivia, Plurinational State of', 'Plurinational State of Bolivia'],
  BQ: ['Bonaire, Sint Eustatius and Saba'],
  BS: ['The Bahamas'],
  CD: [
    'Congo, the Democratic Republic of the',
    'Democratic Republic of Congo',
    'Congo, Democratic Republic of the',
    'Congo DRC',
  ],
  CG: ['Congo', 'Congo, Republic of the', 'Republic of Congo'],
  CN: ["People's Republic of China", 'PRC', 'Mainland China'],
  CV: ['Cape Verde'],
  CZ: ['Czech Republic'],
  FK: ['Falkland Islands (Malvinas)', 'Malvinas'],
  FM: ['Micronesia, Federated States of', 'Federated States of Micronesia'],
  GB: [
    'UK',
    'Great Britain',
    'Britain',
    'England',
    'Scotland',
    'Wales',
    'Northern Ireland',
    'United Kingdom of Great Britain and Northern Ireland',
  ],
  GM: ['The Gambia'],
  HK: ['Hong Kong SAR', 'Hong Kong, China'],
  IR: ['Iran, Islamic Republic of', 'Islamic Republic of Iran'],
  KP: ["Korea, Democratic People's Republic of", "Democratic People's Republic of Korea", 'DPRK'],
  KR: ['Korea, Republic of', 'Republic of Korea', 'Korea', 'Korea, South'],
  LA: ["Lao People's Democratic Republic", 'Lao PDR'],
  LY: ['Libyan Arab Jamahiriya'],
  MD: ['Moldova, Republic of', 'Republic of Moldova'],
  MF: ['Saint Martin (French part)'],
  MK: ['Macedonia', 'Macedonia, the former Yugoslav Republic of', 'Republic of North Macedonia', 'FYROM'],
  MO: ['Macau SAR'],
  NL: ['Holland', 'The Netherlands'],
  PH: ['The Philippines'],
  PN: ['Pitcairn'],
  PS: [
    'Palestinian Territories',
    'Palestine, State of',
    'State of Palestine',
    'Palestinian Territory, Occupied',
    'Palestinian Territory',
    'Occupied Palestinian Territory',
  ],
  RU: ['Russian Federation'],
  SH: ['Saint Helena, Ascension and Tristan da Cunha'],
  SX: ['Sint Maarten (Dutch part)'],
  SY: ['Syrian Arab Republic'],
  SZ: ['Swaziland'],
  TL: ['Timor-Leste'],
  TR: ['Türkiye', 'Turkiye'],
  TW: ['Taiwan, Province of China', 'Taiwan, Republic of China', 'Chinese Taipei'],
  TZ: ['Tanzania, United Republic of', 'United Republic of Tanzania'],
  UM: ['United States Minor Outlying Islands'],
  US: ['USA', 'U.S.A.', 'U.S.', 'United States of America', 'America', 'The United States'],
  VA: ['Holy See', 'Holy See (Vatican City State)'],
  VE: ['Venezuela, Bolivarian Republic of', 'Bolivarian Republic of Venezuela'],
  VG: ['Virgin Islands, British', 'British Virgin Islands'],
  VI: ['Virgin Islands, U.S.', 'US Virgin Islands', 'United States Virgin Islands'],
  VN: ['Viet Nam'],
};

/** The United Nations' subregions (M49) by their names, as alpha-2 codes; Taiwan and Kosovo stand where geography puts them. */
const SUBREGIONS = {
  'Northern Africa': 'DZ EG EH LY MA SD TN',
  'Western Africa': 'BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG AC TA',
  'Eastern Africa': 'BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW',
  'Middle Africa': 'AO CD CF CG CM GA GQ ST TD',
  'Southern Africa': 'BW LS NA SZ ZA',
  Caribbean: 'AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI',
  'Central America': 'BZ CR GT HN MX NI PA SV',
  'South America': 'AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE',
  'Northern America': 'BM CA GL PM US',
  'Central Asia': 'KG KZ TJ TM UZ',
  'Eastern Asia': 'CN HK JP KP KR MN MO TW',
  'South-eastern Asia': 'BN ID KH LA MM MY PH SG TH TL VN',
  'Southern Asia': 'AF BD BT IN IR LK MV NP PK',
  'Western Asia': 'AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE',
  'Eastern Europe': 'BG BY CZ HU MD PL RO RU SK UA',
  'Northern Europe': 'AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ',
  'Southern Europe': 'AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK',
  'Western Europe': 'AT BE CH DE FR LI LU MC NL',
  'Australia and New Zealand': 'AU CC CX HM NF NZ',
  Melanesia: 'FJ NC PG SB VU',
  Micronesia: 'FM GU KI MH MP NR PW UM',
  Polynesia: 'AS CK NU PF PN TK TO TV WF WS',
} as const;

type Subregion = keyof typeof SUBREGIONS;

const AFRICA: readonly Subregion[] = [
  'Northern Africa',
  'Western Africa',
  'Eastern Africa',
  'Middle Africa',
  'Southern Africa',
];
const LATIN_AMERICA: readonly Subregion[] = ['Caribbean', 'Central America', 'South America'];
const NORTH_AMERICA: readonly Subregion[] = ['Northern America', 'Central America', 'Caribbean'];

/** Larger regions as what they consist of; a two-letter entry is a country. */
const COMPOSED_REGIONS: Readonly<Record<string, readonly string[]>> = {
  Africa: AFRICA,
  'Sub-Saharan Africa': AFRICA.filter((name) => name !== 'Northern Africa'),
  Americas: ['Northern America', ...LATIN_AMERICA],
  'North America': NORTH_AMERICA,
  'Latin America': LATIN_AMERICA,
  'Latin America and the Caribbean': LATIN_AMERICA,
  Antarctica: ['AQ'],
  Asia: ['Central Asia', 'Eastern Asia', 'South-eastern Asia', 'Southern Asia', 'Western Asia'],
  Europe: ['Eastern Europe', 'Northern Europe', 'Southern Europe', 'Western Europe'],
  Oceania: ['Australia and New Zealand', 'Melanesia', 'Micronesia', 'Polynesia'],
  'Middle East': 'AE BH EG IL IQ IR JO KW LB OM PS QA SA SY TR YE'.split(' '),
  'UK and Ireland': ['GB', 'IE'],
};

const REGION_ALIASES: Readonly<Record<string, string>> = {
  America: 'Americas',
  'The Americas': 'Americas',
  'Central Africa': 'Middle Africa',
  'North Africa': 'Northern Africa',
  'West Africa': 'Western Africa',
  'East Africa': 'Eastern Africa',
  'East Asia': 'Eastern Asia',
  'South Asia': 'Southern Asia',
  'South East Asia': 'South-eastern Asia',
  'West Asia': 'Western Asia',
  'East Europe': 'Eastern Europe',
  'North Europe': 'Northern Europe',
  'South Europe': 'Southern Europe',
  'West Europe': 'Western Europe',
  'The Caribbean': 'Caribbean',
  'The Middle East': 'Middle East',
  'UK&I': 'UK and Ireland',
  ANZ: 'Australia and New Zealand',
};

function isSubregion(name: string): name is Subregion {
  return name in SUBREGIONS;
}

/** Every region name with its countries, aliases included. */
export function regionEntries(): [string, string[]][] {
  const codesOf = (name: string): string[] => (isSubregion(name) ? SUBREGIONS[name].split(' ') : [name]);
  const regions = new Map<string, string[]>([
    ...Object.keys(SUBREGIONS).map((name) => [name, codesOf(name)] as const),
    ...Object.entries(COMPOSED_REGIONS).map(([name, parts]) => [name, parts.flatMap(codesOf)] as const),
  ]);
  const aliases = Object.entries(REGION_ALIASES).map(([alias, name]): [string, string[]] => [
    alias,
    regions.get(name) ?? [],
  ]);
  return [...regions, ...aliases];
}
