import { z } from 'zod';
import type { SavedSearch } from '../db/savedSearches';
import { AppError } from '../domain/errors';
import { SAVED_SEARCH_GRAMMAR } from '../domain/jobFilter';
import { MAX_SAVED_SEARCH_NAME_LENGTH, readSavableFilter, type SavableFilter } from '../domain/savedSearch';
import type { Timestamp } from '../domain/time';
import { addFaults } from './bodyValue';
import { queryBodySchema } from './queryBody';

export const savedSearchName = z
  .string()
  .trim()
  .min(1)
  .max(MAX_SAVED_SEARCH_NAME_LENGTH)
  .describe('Yours to choose; two may have the same');

/** The filter of a saved search as documentation shows it. */
export const filterSchema = queryBodySchema(SAVED_SEARCH_GRAMMAR.parameters).meta({
  id: 'SavedSearchFilter',
  description: 'Filters of `GET /jobs` by name; lists may be JSON lists. One condition at least.',
});

/** Reads a filter. Relative times count back from `now`. */
export function filterReader(now: Timestamp): z.ZodType<SavableFilter> {
  return z.record(z.string(), z.unknown()).transform((given, context) => {
    try {
      return readSavableFilter(given, now);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'invalid_parameter') throw error;
      const { message, faults } = error;
      addFaults(context, faults.length > 0 ? faults : [{ parameter: '', message }]);
      return z.NEVER;
    }
  });
}

/** A parameter is given back in the form in which it was given: a number for a text, a word for a list of one. */
const givenFilter = z.record(z.string(), z.unknown());

export const savedSearchSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    filter: givenFilter.describe('As you gave it: filters of `GET /jobs` by name'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'SavedSearch', description: 'A filter kept under a name.' });
export type SavedSearchView = z.input<typeof savedSearchSchema>;

export function toSavedSearchView(search: SavedSearch): SavedSearchView {
  return {
    id: search.id,
    name: search.name,
    filter: search.parameters,
    created_at: search.createdAt,
    updated_at: search.updatedAt,
  };
}
