import type { Linter } from 'eslint';

export declare const shapeRules: Linter.RulesRecord;
export declare const shape: Linter.Config[];
