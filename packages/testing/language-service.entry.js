// Bundled by language-service.ts: the packages below import JSON in a way that plain Node refuses.
export { validate } from '@actions/languageservice';
export { DescriptionDictionary, data } from '@actions/expressions';
export { TextDocument } from 'vscode-languageserver-textdocument';
