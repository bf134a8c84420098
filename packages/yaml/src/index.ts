export {
  readYaml,
  readYamlDocuments,
  type YamlDocument,
  type YamlOptions,
  type YamlRules,
} from './documents.ts';
export { writeYaml } from './writing.ts';
