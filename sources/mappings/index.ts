import { compileMapping, type CompiledMapping } from '../../domain/mapping/applyMapping';
import { parseMappingDocument } from '../../domain/mapping/mappingDocument';
import canonical from './canonical.json';
import employmentAdsCsv from './employment-ads-csv.json';
import feedCsv from './feed-csv.json';
import jobsNdjson from './jobs-ndjson.json';
import rssCsv from './rss-csv.json';
import scraperCsv from './scraper-csv.json';
import searchProse from './search-prose.json';
import upworkApi from './upwork-api.json';
import upworkRss from './upwork-rss.json';

/** The mappings that come with the product, by name. */
export const shippedMappings: readonly CompiledMapping[] = [
  canonical,
  employmentAdsCsv,
  feedCsv,
  jobsNdjson,
  rssCsv,
  scraperCsv,
  searchProse,
  upworkApi,
  upworkRss,
].map((json) => compileMapping(parseMappingDocument(json)));
