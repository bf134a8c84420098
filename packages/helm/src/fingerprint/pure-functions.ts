const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * Words of templates that give the same for the same arguments: keywords and built-ins of Go's
 * text/template, functions of Masterminds/sprig 3, and Helm's own (helm/helm: pkg/engine/funcs.go). What
 * asks the clock, chance, the network or the cluster is not among them, nor what gives a map's keys in no order.
 */
export const pureFunctions: ReadonlySet<string> = new Set([
  ...words('if else end range with define template block break continue nil true false'),
  ...words('and or not eq ne lt le gt ge len index slice print printf println html js urlquery'),
  ...words('call include tpl required fail toYaml toYamlPretty mustToYaml fromYaml'),
  ...words('fromYamlArray toToml mustToToml fromToml toJson mustToJson toPrettyJson'),
  ...words('mustToPrettyJson toRawJson mustToRawJson fromJson mustFromJson fromJsonArray'),
  ...words('abbrev abbrevboth trunc trim upper lower title untitle substr repeat trimAll trimall'),
  ...words('trimSuffix trimPrefix nospace initials swapcase snakecase camelcase kebabcase wrap'),
  ...words('wrapWith contains hasPrefix hasSuffix quote squote cat indent nindent replace plural'),
  ...words('sha1sum sha256sum sha512sum adler32sum toString toStrings join sortAlpha'),
  ...words('atoi int int64 float64 seq toDecimal split splitList splitn until untilStep'),
  ...words('add1 add sub div mod mul addf add1f subf divf mulf max min biggest maxf minf'),
  ...words('ceil floor round default empty coalesce all any compact mustCompact ternary'),
  ...words('deepCopy mustDeepCopy typeOf typeIs typeIsLike kindOf kindIs deepEqual'),
  ...words('base dir clean ext isAbs osBase osClean osDir osExt osIsAbs'),
  ...words('b64enc b64dec b32enc b32dec tuple list dict get set unset hasKey pluck pick omit'),
  ...words('merge mergeOverwrite mustMerge mustMergeOverwrite append push mustAppend mustPush'),
  ...words('prepend mustPrepend first mustFirst rest mustRest last mustLast initial mustInitial'),
  ...words('reverse mustReverse uniq mustUniq without mustWithout has mustHas mustSlice concat'),
  ...words('dig chunk mustChunk semver semverCompare urlParse urlJoin'),
  ...words('regexMatch mustRegexMatch regexFindAll mustRegexFindAll regexFind mustRegexFind'),
  ...words('regexReplaceAll mustRegexReplaceAll regexReplaceAllLiteral regexSplit mustRegexSplit'),
  ...words('mustRegexReplaceAllLiteral regexQuoteMeta derivePassword buildCustomCert decryptAES'),
]);

/** Functions that write out all of what they are given. */
export const writers: ReadonlySet<string> = new Set(
  words(
    'toYaml toYamlPretty mustToYaml toToml mustToToml toJson mustToJson toPrettyJson mustToPrettyJson toRawJson mustToRawJson',
  ),
);
