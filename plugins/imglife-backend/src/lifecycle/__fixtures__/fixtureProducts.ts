import { readProductFacts, type ProductFacts } from '../productFacts';
import alpine from './alpine-linux.json';
import debian from './debian.json';
import temurin from './eclipse-temurin.json';
import nodejs from './nodejs.json';

/** Real answers of endoflife.date, of August 2026. */
export const fixtureAnswers = {
  'alpine-linux': alpine,
  debian,
  'eclipse-temurin': temurin,
  nodejs,
};

/** What they say. */
export const fixtureProducts = Object.values(fixtureAnswers).map(
  ({ result }) => readProductFacts(result) as ProductFacts,
);
