// SPDX-License-Identifier: Apache-2.0
// No language server: the extension's parts do without.
"use strict";
exports.LanguageClient = class {};
