export {
  readPlacedYaml,
  readYaml,
  readYamlDocuments,
  type YamlDocument,
  type YamlOptions,
  type YamlRules,
} from './documents.ts';
export type { PlaceOf, YamlPath, YamlPlace } from './places.ts';
export { writeYaml } from './writing.ts';
